// Package door is the lock on what Headwater listens on: certificates and
// tokens from files, and the warnings where there are none.
//
// Guarantees:
//
//   - A file that changes holds from the next connection or request on; nothing
//     is restarted and no connection is cut. A change that can't be used is said
//     once, and what held before goes on to hold.
//   - Tokens are kept as hashes and compared in constant time. Neither tokens nor
//     keys are ever logged or part of an error.
package door
