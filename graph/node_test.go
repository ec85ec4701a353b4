package graph_test

import (
	"encoding/json"
	"testing"

	"headwater/graph"
)

func TestEveryNodeIDIsReadAgain(t *testing.T) {
	for _, id := range []graph.NodeID{
		{}, // users, where they are the callers
		{Kind: graph.Service, Name: "shop"},
		{Kind: graph.Database, Scope: "postgresql/db:5432", Name: "a/b%"},
	} {
		text, err := json.Marshal(id)
		if err != nil {
			t.Fatal(err)
		}
		var again graph.NodeID
		if err := json.Unmarshal(text, &again); err != nil || again != id {
			t.Errorf("%s is %v, %v", text, again, err)
		}
	}
	var id graph.NodeID
	if err := json.Unmarshal([]byte(`"planet:earth"`), &id); err == nil {
		t.Errorf("an unknown kind is %v", id)
	}
}
