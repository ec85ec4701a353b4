package store

import "encoding/binary"

// Every key begins with a byte that says what it holds.
const (
	headerPrefix   = 'h' // + number of the block: its header
	blockPrefix    = 'b' // + number of the block: its spans
	incidentPrefix = 'i' // + id of the incident: its record
)

// blockKey is the key of a block's header or spans. Big-endian numbers keep the
// keys in the order in which the blocks were written.
func blockKey(prefix byte, number uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{prefix}, number)
}

// blockNumber reads the number back; ok is false for a key of another length.
func blockNumber(key []byte) (number uint64, ok bool) {
	if len(key) != 9 {
		return 0, false
	}
	return binary.BigEndian.Uint64(key[1:]), true
}

func incidentKey(id string) []byte { return append([]byte{incidentPrefix}, id...) }
