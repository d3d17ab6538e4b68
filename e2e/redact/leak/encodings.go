package leak

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
)

const (
	// leastEncoded is the least base64 that can hold a block.
	leastEncoded = blockLength * 4 / 3
	// mostUnpacked bounds what is unpacked of one archive.
	mostUnpacked = 64 << 20
)

// letter gives a byte of either base64 alphabet as the standard one has it, or 0.
var letter = func() (table [256]byte) {
	for _, b := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		table[b] = b
	}
	table['-'], table['_'] = '+', '/'
	return table
}()

// decodeBase64 decodes every run of letters, with padding or without, in each of
// the four places where a group of letters can begin: what stands before an
// encoded text may be letters, too.
func (s search) decodeBase64(content []byte, level int, give func([]byte)) {
	for begin := 0; begin < len(content); {
		if letter[content[begin]] == 0 {
			begin++
			continue
		}
		end := begin
		for end < len(content) && letter[content[end]] != 0 {
			end++
		}
		if run := content[begin:end]; len(run) >= leastEncoded && s.isNew(run, level) {
			decodeRun(run, give)
		}
		begin = end
	}
}

func decodeRun(run []byte, give func([]byte)) {
	letters := make([]byte, len(run))
	for i, b := range run {
		letters[i] = letter[b]
	}
	for shift := range 4 {
		shifted := letters[min(shift, len(letters)):]
		if len(shifted)%4 == 1 {
			shifted = shifted[:len(shifted)-1]
		}
		decoded := make([]byte, base64.RawStdEncoding.DecodedLen(len(shifted)))
		// Letters alone are left, in a length that there is: it cannot fail.
		n, _ := base64.RawStdEncoding.Decode(decoded, shifted)
		if n >= blockLength {
			give(decoded[:n])
		}
	}
}

// decodeURL decodes every escaped byte, if there is one: as in an address, and as
// in a form, where a plus sign is a space.
func decodeURL(content []byte, _ int, give func([]byte)) {
	if bytes.IndexByte(content, '%') < 0 {
		return
	}
	decoded := unescape(content)
	if len(decoded) == len(content) {
		return
	}
	give(decoded)
	if bytes.IndexByte(content, '+') >= 0 {
		give(unescape(bytes.ReplaceAll(content, []byte("+"), []byte(" "))))
	}
}

// unescape decodes what is escaped, and leaves the rest as it is.
func unescape(content []byte) []byte {
	decoded := make([]byte, 0, len(content))
	for i := 0; i < len(content); i++ {
		if content[i] == '%' && i+2 < len(content) {
			high, low := digit(content[i+1]), digit(content[i+2])
			if high >= 0 && low >= 0 {
				decoded = append(decoded, byte(high<<4|low))
				i += 2
				continue
			}
		}
		decoded = append(decoded, content[i])
	}
	return decoded
}

func digit(b byte) int {
	switch {
	case '0' <= b && b <= '9':
		return int(b - '0')
	case 'a' <= b && b <= 'f':
		return int(b-'a') + 10
	case 'A' <= b && b <= 'F':
		return int(b-'A') + 10
	default:
		return -1
	}
}

var gzipHead = []byte{0x1f, 0x8b, 8}

// decodeGzip unpacks what begins like gzip, as far as it goes: one that breaks
// off tells what it has told.
func decodeGzip(content []byte, _ int, give func([]byte)) {
	for from := 0; ; {
		next := bytes.Index(content[from:], gzipHead)
		if next < 0 {
			return
		}
		from += next
		if reader, err := gzip.NewReader(bytes.NewReader(content[from:])); err == nil {
			unpacked, _ := io.ReadAll(io.LimitReader(reader, mostUnpacked))
			if len(unpacked) > 0 {
				give(unpacked)
			}
		}
		from += len(gzipHead)
	}
}
