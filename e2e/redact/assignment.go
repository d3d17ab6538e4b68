package redact

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// secretStems end the names of what is a secret however short it is, as in
// refresh_token, idToken, CLIENT_SECRET and password.
var secretStems = []string{"token", "secret", "passw", "assertion", "verifier"}

// codeStems end the names of what can be harmless too: a status code, a
// program's state.
var codeStems = []string{
	"code", "state", "nonce", "session_id", "session-id", "sessionid", "tab_id", "tab-id", "tabid", "client_data", "client-data", "clientdata",
}

var stems = slices.Concat(secretStems, codeStems)

// codeLength is the length from which a code is taken for a secret.
const codeLength = 8

// assignmentHead matches a name from its stem on, what assigns to it, and the
// quote that begins the value: in URLs, forms, JSON, HTML and logs, escaped or
// not.
var assignmentHead = regexp.MustCompile(`^(?i:` +
	`(token(?:[_-]?hint)?|secret|passw(?:or)?d(?:-new|-confirm)?|assertion|verifier)|` +
	`code|state|nonce|session[_-]?id|tab[_-]?id|client[_-]?data)` +
	`(?:\\*["']|&quot;|&#34;|%22)?(\s*)(:|=|%(?i:(?:25)*3[ad]))(\s*)(\\*["']|&quot;|&#34;|%22|)`)

// assignments replaces the values of secrets by their names.
func assignments(text string) string {
	return replaceAt(text, stems, func(text string, at int) (begin, end int) {
		if begin, end := field(text, at); begin < end {
			return begin, end
		}
		if begin, end := flagValue(text, at); begin < end {
			return begin, end
		}
		head := assignmentHead.FindStringSubmatch(behind(text, at))
		if head == nil {
			return 0, 0
		}
		name, assigned, open := head[1], head[3], head[5]
		isSecret := name != ""
		if !isSecret && !beginsWord(text, at) {
			return 0, 0
		}
		begin = at + len(head[0])
		if open == "" && strings.ContainsAny(head[2]+head[4], "\r\n") {
			return 0, 0
		}
		if open == "" && assigned == ":" {
			return word(text, begin, strings.HasPrefix(fold(name), "passw") || strings.EqualFold(name, "secret"))
		}
		end = endOfValue(text, begin, open)
		if !isSecret && end-begin < codeLength {
			return 0, 0
		}
		return begin, end
	})
}

// beginsWord says whether a word begins at a place: behind a sign, an escaped
// one too, or with a capital letter inside a name.
func beginsWord(text string, at int) bool {
	if at == 0 {
		return true
	}
	previous, first := text[at-1], text[at]
	isLetter := 'a' <= previous && previous <= 'z' || 'A' <= previous && previous <= 'Z'
	switch {
	case escaped.MatchString(text[max(0, at-9):at]):
		return true
	case isLetter:
		return 'A' <= first && first <= 'Z' && 'a' <= previous && previous <= 'z'
	default:
		return previous < '0' || previous > '9'
	}
}

var escaped = regexp.MustCompile(`%(?:25)*[0-9A-Fa-f]{2}$`)

// endOfValue is where a value ends that a quote opened, or none.
func endOfValue(text string, begin int, open string) int {
	switch open {
	case "":
		return span(text, begin, noneOf(" \t\r\n\"'<>&;,\\(){}[]"))
	case `"`:
		for end := begin; end < len(text); end++ {
			switch text[end] {
			case '\\':
				end++
			case '"', '\r', '\n':
				return end
			}
		}
		return len(text)
	case "'":
		return span(text, begin, noneOf("'\r\n"))
	case "&quot;", "&#34;", "%22":
		return span(text, begin, noneOf("&% \t\r\n\"'<>"))
	default: // a quote that is escaped itself
		return span(text, begin, noneOf("\"'\\\r\n"))
	}
}

// word is what stands behind a name and a colon: a value in YAML, or a word of
// a sentence, as in "failed to verify the token: signature mismatch".
func word(text string, begin int, always bool) (from, end int) {
	end = span(text, begin, func(b byte) bool { return isTokenByte(b) || b == '%' })
	if always {
		end = span(text, begin, noneOf(" \t\r\n\"'<>&;,\\(){}[]"))
	}
	value := text[begin:end]
	mixed := strings.ToLower(value) != value && strings.ToUpper(value) != value
	random := (len(value) >= codeLength && strings.ContainsFunc(value, unicode.IsDigit)) || (len(value) >= 20 && mixed)
	if !always && !random {
		return 0, 0
	}
	return begin, end
}

var (
	beforeField = regexp.MustCompile(`(?i)\bname\\*["']?\s*[:=]\s*\\*["'][a-z_-]*$`)
	fieldHead   = regexp.MustCompile(`^(?i)[\w-]+\\*["'][^<>{}]*?\bvalue\\*["']?\s*[:=]\s*\\*["']`)
)

// field finds the value of a form's field, or of an entry in a list, whose name
// stands in an attribute of its own.
func field(text string, at int) (begin, end int) {
	if !beforeField.MatchString(ahead(text, at)) {
		return 0, 0
	}
	head := fieldHead.FindString(behind(text, at))
	if head == "" {
		return 0, 0
	}
	begin = at + len(head)
	return begin, span(text, begin, noneOf("\"'\\<>\r\n"))
}

var (
	beforeFlag = regexp.MustCompile(`(?i)(?:^|\s)-{1,2}[a-z-]*$`)
	flagHead   = regexp.MustCompile(`^(?i:token|secret|passw(?:or)?d)[ \t]+`)
)

// flagValue finds the value of a command's flag that stands behind a space.
func flagValue(text string, at int) (begin, end int) {
	head := flagHead.FindString(behind(text, at))
	if head == "" || !beforeFlag.MatchString(ahead(text, at)) {
		return 0, 0
	}
	begin = at + len(head)
	if begin < len(text) && text[begin] == '-' {
		return 0, 0
	}
	return begin, span(text, begin, noneOf(" \t\r\n"))
}
