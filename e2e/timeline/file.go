package timeline

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// lineLimit is the longest line of a saved timeline, in bytes.
const lineLimit = 4 << 20

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

// Read reads what Write has written. It refuses other versions.
func Read(r io.Reader) (Timeline, error) {
	scanner := bufio.NewScanner(r)
	scanner.Buffer(nil, lineLimit)
	var timeline Timeline
	for line := 1; scanner.Scan(); line++ {
		if line == 1 {
			if err := json.Unmarshal(scanner.Bytes(), &timeline.Header); err != nil {
				return Timeline{}, fmt.Errorf("read the timeline's header: %w", err)
			}
			if timeline.Header.Version != Version {
				return Timeline{}, fmt.Errorf("read the timeline: its version is %d, this program reads %d", timeline.Header.Version, Version)
			}
			continue
		}
		var event Event
		if err := json.Unmarshal(scanner.Bytes(), &event); err != nil {
			return Timeline{}, fmt.Errorf("read line %d of the timeline: %w", line, err)
		}
		timeline.Events = append(timeline.Events, event)
	}
	if err := scanner.Err(); err != nil {
		return Timeline{}, fmt.Errorf("read the timeline: %w", err)
	}
	if timeline.Header.Version == 0 {
		return Timeline{}, errors.New("read the timeline: it is empty")
	}
	return timeline, nil
}

// Load reads a saved timeline.
func Load(path string) (Timeline, error) {
	file, err := os.Open(path)
	if err != nil {
		return Timeline{}, fmt.Errorf("load the timeline: %w", err)
	}
	defer file.Close()
	timeline, err := Read(file)
	if err != nil {
		return Timeline{}, fmt.Errorf("%s: %w", path, err)
	}
	return timeline, nil
}
