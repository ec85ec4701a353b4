// Package watch is the live loop: it settles windows, asks analysis what they
// mean, keeps the reports and tells whoever listens. It declares the Windows
// and the Journal that it needs; the store implements them.
package watch
