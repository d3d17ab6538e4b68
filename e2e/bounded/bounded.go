package bounded

import (
	"fmt"
	"io"
	"os"
)

// ReadFile reads a file of at most so many bytes. Errors name the file.
func ReadFile(path string, most int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	// What has no size, as a pipe, says 0.
	if info, err := file.Stat(); err == nil && info.Size() > most {
		return nil, tooLarge(path, most)
	}
	content, err := io.ReadAll(io.LimitReader(file, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(content)) > most {
		return nil, tooLarge(path, most)
	}
	return content, nil
}

func tooLarge(path string, most int64) error {
	return fmt.Errorf("%s is larger than %d MB, which no run writes", path, most>>20)
}
