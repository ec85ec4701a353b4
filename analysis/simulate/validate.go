package simulate

// validate checks what the types can't. It returns where the first mistake is.
func (sc *Scenario) validate() (where string, err error) { return "", nil }

func (s *systemSpec) generate() {}
