// Package progress tells a person at the terminal what is going on: a line when
// a step begins, a sign of life while it lasts, its time when it ends.
//
// It writes for people alone; nothing reads its output back.
package progress
