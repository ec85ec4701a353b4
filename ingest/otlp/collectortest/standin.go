package collectortest

import (
	"context"
	"errors"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor"
)

// What the example configurations use of the contrib distribution has a stand-in
// here, which takes any settings and does nothing: so much of those examples is
// checked, and no more.
var (
	standInProcessor = processor.NewFactory(component.MustNewType("tail_sampling"), anySettings,
		processor.WithTraces(func(context.Context, processor.Settings, component.Config, consumer.Traces) (processor.Traces, error) {
			return standIn{}, nil
		}, component.StabilityLevelDevelopment))
	standInExporter = exporter.NewFactory(component.MustNewType("loadbalancing"), anySettings,
		exporter.WithTraces(func(context.Context, exporter.Settings, component.Config) (exporter.Traces, error) {
			return standIn{}, nil
		}, component.StabilityLevelDevelopment))
)

// standIn can be built, not run.
type standIn struct {
	component.StartFunc
	component.ShutdownFunc
}

func (standIn) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

func (standIn) ConsumeTraces(context.Context, ptrace.Traces) error {
	return errors.New("this is a stand-in, which does nothing")
}

// settings are any.
type settings struct{}

func anySettings() component.Config { return &settings{} }

// Unmarshal implements confmap.Unmarshaler.
func (*settings) Unmarshal(*confmap.Conf) error { return nil }
