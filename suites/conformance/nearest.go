package conformance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// mostNearest is how many names are proposed for one that there is not.
const mostNearest = 3

// Find returns the scenario of an id.
func Find(id string) (Entry, error) {
	ids := make([]string, 0, len(catalogue))
	for _, entry := range Catalogue() {
		if entry.ID == id {
			return entry, nil
		}
		ids = append(ids, entry.ID)
	}
	return Entry{}, fmt.Errorf("there is no scenario %q; nearest are: %s; 'list' shows all", id, strings.Join(Nearest(id, ids), ", "))
}

// Nearest are the names that somebody who wrote another one may have meant, the
// likeliest first: those that fewest letters tell from it, with the subject before
// the slash or without.
func Nearest(name string, names []string) []string {
	sorted := slices.Clone(names)
	slices.SortStableFunc(sorted, func(a, b string) int { return cmp.Compare(distance(name, a), distance(name, b)) })
	return sorted[:min(mostNearest, len(sorted))]
}

// distance is how far one name is from another. A wrong subject is one mistake,
// however many letters it has.
func distance(given, name string) int {
	last := func(id string) string { return id[strings.LastIndex(id, "/")+1:] }
	return min(edits(given, name), 1+edits(last(given), last(name)))
}

// edits counts the letters that have to be put in, left out or changed to make
// one text of another.
func edits(from, to string) int {
	before := make([]int, len(to)+1)
	for i := range before {
		before[i] = i
	}
	for i := range len(from) {
		now := []int{i + 1}
		for j := range len(to) {
			changed := before[j]
			if from[i] != to[j] {
				changed++
			}
			now = append(now, min(changed, before[j+1]+1, now[j]+1))
		}
		before = now
	}
	return before[len(to)]
}
