// Package watch is the live loop: it settles windows, asks the analysis what
// they mean, keeps incidents with their ids, and tells whoever listens.
//
// It declares the Windows and the Journal that it needs; the store implements
// them. It owns what the analysis, which is a pure function of windows, can't
// know: which incident is the same as one that was told before.
//
// Guarantees:
//
//   - An incident's id is given once and saved before it is published. A later
//     report of the same incident (it overlaps in time and shares a node) keeps
//     the id; where two turn out to be one, the older id stays and the other
//     finds it.
//   - What was published is never changed: a new report is a new value.
//   - After a restart, incidents are known by the same ids.
//   - What is analysed is what the store has: a Watcher that was just made looks at
//     the same windows, and says the same. Only what is new or changed is read.
//   - The same time on earlier days is looked at too, but for when something was
//     wrong then. What comes late for those days is seen within half an hour.
//   - What an incident left half done is asked for when it is over, beside all else,
//     and kept with it; where the incident turns out to have begun or ended at another
//     time, it is asked for again.
//   - Analysing takes at most a fifth of the time of one core, and memory for the
//     windows that it reads is bounded: of a very large system a shorter stretch of
//     time is looked at, at least half an hour, and no earlier days.
package watch
