package watch

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
)

// load reads the journal. A record that can't be read is logged and left out:
// one broken record must not keep Headwater from starting.
func load(ctx context.Context, j Journal, log *slog.Logger) (history, error) {
	records, err := j.Incidents(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the journal of incidents: %w", err)
	}
	known := make(history, len(records))
	for _, r := range records {
		var told record
		if err := json.Unmarshal(r.Data, &told); err != nil {
			log.WarnContext(ctx, "could not read an incident of the journal", "id", r.ID, "error", err)
			continue
		}
		known[r.ID] = &told
	}
	known.trim()
	return known, nil
}

// save writes the records that are new. Records are never changed, so one that
// says something else is another.
func save(ctx context.Context, j Journal, was, now history) error {
	for _, id := range slices.Sorted(maps.Keys(now)) {
		if was[id] == now[id] {
			continue
		}
		data, err := json.Marshal(now[id])
		if err != nil {
			return fmt.Errorf("save incident %s: %w", id, err)
		}
		if err := j.SaveIncident(ctx, id, data); err != nil {
			return fmt.Errorf("save incident %s: %w", id, err)
		}
	}
	return nil
}
