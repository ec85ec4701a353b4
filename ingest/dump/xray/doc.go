// Package xray reads the segments of AWS X-Ray: documents by themselves, as they
// are sent to X-Ray's daemon, and traces as BatchGetTraces answers.
//
// Guarantees:
//
//   - A segment is a server span; its subsegments are client spans where they
//     call out of the process and internal ones elsewhere. Segments that X-Ray
//     inferred are left out: the subsegment that they were inferred from says
//     the same.
//   - Subsegments within one another are read down to maxDepth.
package xray
