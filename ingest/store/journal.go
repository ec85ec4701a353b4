package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"
)

const (
	maxIncidentID = 256     // bytes
	maxIncident   = 8 << 20 // bytes of a record
)

// Record is what was saved of an incident.
type Record struct {
	ID   string
	Data []byte
}

// SaveIncident keeps the record of an incident in place of an earlier one with
// the same id. It is as safe as a written batch. An id has 1 to 256 bytes, a
// record at most 8 MiB.
func (s *Store) SaveIncident(ctx context.Context, id string, record []byte) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	if id == "" || len(id) > maxIncidentID {
		return errors.New("save incident: its id must have 1 to 256 bytes")
	}
	if len(record) > maxIncident {
		return fmt.Errorf("save incident %s: record of %d bytes is too large", id, len(record))
	}
	err = s.meta.Update(func(txn *badger.Txn) error { return txn.Set(incidentKey(id), record) })
	if err != nil {
		return fmt.Errorf("save incident %s: %w", id, err)
	}
	return nil
}

// Incidents returns all saved incidents by id. One that can't be read is named
// in the log and left out.
func (s *Store) Incidents(ctx context.Context) ([]Record, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	var out []Record
	err = s.meta.View(func(txn *badger.Txn) error {
		opt := badger.DefaultIteratorOptions
		opt.Prefix = []byte{incidentPrefix}
		opt.PrefetchValues = false // a hundred of them could be large
		it := txn.NewIterator(opt)
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			if err := ctx.Err(); err != nil {
				return err
			}
			id := string(it.Item().Key()[1:])
			data, err := it.Item().ValueCopy(nil)
			if err != nil {
				s.opt.Log.Error("incident passed over", "folder", s.dir, "incident", id, "error", err)
				continue
			}
			out = append(out, Record{id, data})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read incidents: %w", err)
	}
	return out, nil
}
