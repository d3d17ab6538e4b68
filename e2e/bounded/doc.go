// Package bounded reads files that anybody may have given or changed: one that is
// larger than such a file can be is refused, and not held in memory.
package bounded
