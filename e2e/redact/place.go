package redact

import (
	"slices"
	"strings"
)

// valueAt says where the secret is whose name begins at a place in text, if one
// does. An empty range is none.
type valueAt func(text string, at int) (begin, end int)

// replaceAt replaces the secrets whose names hold one of the stems, which are
// in lower case. Looking for stems first keeps long logs cheap.
func replaceAt(text string, stems []string, find valueAt) string {
	folded := fold(text)
	var places []int
	for _, stem := range stems {
		for from := 0; ; {
			next := strings.Index(folded[from:], stem)
			if next < 0 {
				break
			}
			places = append(places, from+next)
			from += next + len(stem)
		}
	}
	slices.Sort(places)
	var replaced strings.Builder
	done := 0
	for _, place := range places {
		if place < done {
			continue
		}
		begin, end := find(text, place)
		if begin >= end {
			continue
		}
		replaced.WriteString(text[done:begin])
		replaced.WriteString(mark(text[begin:end]))
		done = end
	}
	replaced.WriteString(text[done:])
	return replaced.String()
}

// fold returns text in lower case, ASCII alone, so that every place in it stays
// where it is.
func fold(text string) string {
	folded := []byte(text)
	for i, b := range folded {
		if 'A' <= b && b <= 'Z' {
			folded[i] = b + 'a' - 'A'
		}
	}
	return string(folded)
}

// near is how much of a text before or behind a name is looked at to understand
// what follows, in bytes.
const near = 300

func behind(text string, at int) string { return text[at:min(len(text), at+near)] }

func ahead(text string, at int) string { return text[max(0, at-near):at] }

// span returns the end of the longest run from begin on of bytes that belong.
func span(text string, begin int, belongs func(byte) bool) int {
	for i := begin; i < len(text); i++ {
		if !belongs(text[i]) {
			return i
		}
	}
	return len(text)
}

func noneOf(delimiters string) func(byte) bool {
	return func(b byte) bool { return strings.IndexByte(delimiters, b) < 0 }
}

func isTokenByte(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || strings.IndexByte("_-.~+/=", b) >= 0
}
