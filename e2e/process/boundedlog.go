package process

import (
	"errors"
	"fmt"
	"os"
)

// endKept is how much is kept of the end of what a full log has no room for, in
// bytes: how a program ended stands there.
const endKept = 64 << 10

// boundedLog is a log that goes on taking what a program says when it is full,
// so that the program notices nothing, and keeps only the end of it.
type boundedLog struct {
	file  *os.File
	limit int64
	taken int64 // bytes in the file, of the program's
	cut   int64 // bytes that had no room there
	end   []byte
}

// Write takes everything: a program must not fail for its log.
func (l *boundedLog) Write(said []byte) (int, error) {
	room := min(l.limit-l.taken, int64(len(said)))
	// A disk that is full is a log that is full.
	written, err := l.file.Write(said[:room])
	l.taken += int64(written)
	if err != nil {
		l.limit = l.taken
	}
	if rest := said[written:]; len(rest) > 0 {
		l.leaveOut(rest)
	}
	return len(said), nil
}

func (l *boundedLog) leaveOut(rest []byte) {
	if l.cut == 0 {
		// At once, and not only at its end: somebody may look at it before.
		fmt.Fprintf(l.file, "\n… the suite cut this log here: it has %d bytes, which is as long as it may be\n", l.taken)
	}
	l.cut += int64(len(rest))
	if l.end = append(l.end, rest[max(0, len(rest)-endKept):]...); len(l.end) > 2*endKept {
		l.end = append([]byte(nil), l.end[len(l.end)-endKept:]...)
	}
}

// Close ends the log with the end of what had no room in it.
func (l *boundedLog) Close() error {
	var err error
	if l.cut > 0 {
		end := l.end[max(0, len(l.end)-endKept):]
		_, err = fmt.Fprintf(l.file, "… %d bytes had no room; their end:\n%s\n", l.cut, end)
	}
	return errors.Join(err, l.file.Close())
}
