package leak

const (
	// blockLength is the length in bytes of the pieces that secrets are cut into.
	// Whatever holds 2*blockLength-1 bytes of a secret holds a whole block.
	blockLength = 12
	base        = 0x100000001b3 // of the rolling hash
	// sieveBits is the binary logarithm of the sieve's size: it keeps the map out
	// of nearly every step.
	sieveBits = 20
)

// highest is base to the power of blockLength: what the byte that leaves the
// window counts.
var highest = func() uint64 {
	power := uint64(1)
	for range blockLength {
		power *= base
	}
	return power
}()

// blocks finds pieces of many secrets in one pass (Rabin and Karp).
type blocks struct {
	sieve []bool
	kinds map[uint64]map[string]Kind
}

func newBlocks() *blocks {
	return &blocks{sieve: make([]bool, 1<<sieveBits), kinds: map[uint64]map[string]Kind{}}
}

// add cuts a secret into blocks. The last one ends where the secret ends.
func (b *blocks) add(secret string, kind Kind) {
	if len(secret) < blockLength {
		return
	}
	for at := 0; at+blockLength <= len(secret); at += blockLength {
		b.addBlock(secret[at:at+blockLength], kind)
	}
	b.addBlock(secret[len(secret)-blockLength:], kind)
}

func (b *blocks) addBlock(block string, kind Kind) {
	var hash uint64
	for i := range blockLength {
		hash = hash*base + uint64(block[i])
	}
	b.sieve[sieved(hash)] = true
	if b.kinds[hash] == nil {
		b.kinds[hash] = map[string]Kind{}
	}
	b.kinds[hash][block] = kind
}

func sieved(hash uint64) uint64 { return hash * 0x9e3779b97f4a7c15 >> (64 - sieveBits) }

// find reports the kind of every block in content.
func (b *blocks) find(content []byte, report func(Kind)) {
	var hash uint64
	for i, next := range content {
		hash = hash*base + uint64(next)
		if i >= blockLength {
			hash -= highest * uint64(content[i-blockLength])
		}
		if i < blockLength-1 || !b.sieve[sieved(hash)] {
			continue
		}
		if kind, found := b.kinds[hash][string(content[i-blockLength+1:i+1])]; found {
			report(kind)
		}
	}
}
