// Package reaper owns every process, mount and directory of a run, so that
// nothing is left however the run ends: in order, by Ctrl-C, by a panic, or by
// kill -9 of any of its processes.
//
// Three processes of one program share the work. The first is the one that the
// user started; it waits. The second, the reaper, hears through the end of a
// pipe when the first is gone. The third is the worker, which does what the
// program is for. First and reaper are child subreapers: whatever the worker
// and its children start stays below them, and both know the directories. To
// kill first and reaper in the same instant is the one way past it. The package
// knows nothing of what runs.
package reaper
