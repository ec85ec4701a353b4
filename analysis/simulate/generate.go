package simulate

// generateSpec describes a large system to be made up.
type generateSpec struct {
	Services int `yaml:"services"`
}
