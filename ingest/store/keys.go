package store

import "encoding/binary"

// Every key begins with a byte that says what it holds.
const (
	// In a bucket.
	headerPrefix = 'h' // + number of the block: its header
	blockPrefix  = 'b' // + number of the block: its spans
	// In meta.
	incidentPrefix = 'i' // + id of the incident: its record
	windowPrefix   = 'w' // + start of the window: its statistics
	seenPrefix     = 's' // + start of the window: what it was derived from
	minutePrefix   = 'm' // + start of the minute: its statistics
	damagedPrefix  = 'd' // + number of the block: why it is passed over
)

// numberKey is the key of something with a number or a time that is not
// negative. Big-endian numbers keep the keys in order.
func numberKey(prefix byte, number uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{prefix}, number)
}

func timeKey(prefix byte, start int64) []byte {
	return numberKey(prefix, uint64(start))
}

// keyNumber reads the number back; ok is false for a key of another length.
func keyNumber(key []byte) (number uint64, ok bool) {
	if len(key) != 9 {
		return 0, false
	}
	return binary.BigEndian.Uint64(key[1:]), true
}

func incidentKey(id string) []byte { return append([]byte{incidentPrefix}, id...) }
