package timeline

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// Write writes the timeline as JSON lines: the header, then an event a line.
func (t Timeline) Write(w io.Writer) error {
	buffered := bufio.NewWriter(w)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(t.Header); err != nil {
		return fmt.Errorf("write the timeline's header: %w", err)
	}
	for _, event := range t.Events {
		if err := encoder.Encode(event); err != nil {
			return fmt.Errorf("write an event of the timeline: %w", err)
		}
	}
	return buffered.Flush()
}

// Save writes the timeline to a file.
func (t Timeline) Save(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("save the timeline: %w", err)
	}
	return errors.Join(t.Write(file), file.Close())
}

// mostBytes is how large a saved timeline may be, and mostOfAHeader its first line:
// many times what a run writes.
const (
	mostBytes     = 128 << 20
	mostOfAHeader = 1 << 20
)

// Read reads what Write has written. It refuses other versions, and a timeline
// that breaks off: what is missing could be what was to be judged.
func Read(r io.Reader) (Timeline, error) {
	lines := bufio.NewReaderSize(r, mostOfAHeader)
	if begins, err := lines.Peek(mostOfAHeader); err == nil && bytes.IndexByte(begins, '\n') < 0 {
		return Timeline{}, fmt.Errorf("read the timeline's header: its line is longer than %d MB, which no run writes", mostOfAHeader>>20)
	}
	var timeline Timeline
	for number := 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		switch {
		case errors.Is(err, io.EOF) && len(line) == 0 && number > 1:
			return timeline, nil
		case errors.Is(err, io.EOF) && len(line) == 0:
			return Timeline{}, errors.New("read the timeline: it is empty")
		case errors.Is(err, io.EOF):
			return Timeline{}, fmt.Errorf("read line %d of the timeline: it breaks off", number)
		case err != nil:
			return Timeline{}, fmt.Errorf("read the timeline: %w", err)
		}
		if number == 1 {
			timeline.Header, err = readHeader(line)
			if err != nil {
				return Timeline{}, err
			}
			continue
		}
		var event Event
		if err := json.Unmarshal(line, &event); err != nil {
			return Timeline{}, fmt.Errorf("read line %d of the timeline: %w", number, err)
		}
		timeline.Events = append(timeline.Events, event)
	}
}

func readHeader(line []byte) (Header, error) {
	var header Header
	if err := json.Unmarshal(line, &header); err != nil {
		return Header{}, fmt.Errorf("read the timeline's header: %w", err)
	}
	if header.Version != Version {
		return Header{}, fmt.Errorf("read the timeline: its version is %d, this program reads %d", header.Version, Version)
	}
	return header, nil
}

// Load reads a saved timeline.
func Load(path string) (Timeline, error) {
	file, err := os.Open(path)
	if err != nil {
		return Timeline{}, fmt.Errorf("load the timeline: %w", err)
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.Size() > mostBytes {
		return Timeline{}, fmt.Errorf("load the timeline: %s is larger than %d MB, which no run writes", path, mostBytes>>20)
	}
	timeline, err := Read(file)
	if err != nil {
		return Timeline{}, fmt.Errorf("%s: %w", path, err)
	}
	return timeline, nil
}
