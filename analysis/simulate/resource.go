package simulate

import (
	"cmp"
	"math/rand/v2"
	"time"

	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"

	"headwater/graph/trace"
)

// place gives an instance a pod of the given version, and the resource that its
// spans carry. Every deployment is a new set of pods.
func (w *world) place(in *instance, version string) {
	s := in.service.spec
	set := newStream(w.seed, partNames, in.service.index, in.placed)
	pod := newStream(w.seed, partNames, in.service.index, in.placed, in.index)
	in.placed++
	in.pod = s.Name + "-" + podSuffix(set, 10) + "-" + podSuffix(pod, 5)
	in.id = cmp.Or(w.spec.Namespace, "default") + "." + in.pod + "." + s.Name
	var l attrList
	l.text(string(semconv.ServiceNameKey), s.Name)
	l.text(string(semconv.ServiceNamespaceKey), w.spec.Namespace)
	l.text(string(semconv.ServiceInstanceIDKey), in.id)
	l.text(string(semconv.ServiceVersionKey), version)
	l.text(w.environment, w.spec.Environment)
	l.text(string(semconv.K8SPodNameKey), in.pod)
	if in.host != nil {
		l.text(string(semconv.K8SNodeNameKey), in.host.spec.Name)
		l.text(string(semconv.CloudAvailabilityZoneKey), in.host.spec.Zone)
	}
	l.text(string(semconv.TelemetrySDKLanguageKey), s.Language)
	l.text(string(semconv.TelemetrySDKNameKey), "opentelemetry")
	in.resource = trace.NewResource(l)
}

// podAlphabet is what Kubernetes makes the suffixes of pod names from.
const podAlphabet = "bcdfghjklmnpqrstvwxz2456789"

func podSuffix(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = podAlphabet[r.IntN(len(podAlphabet))]
	}
	return string(b)
}

// setClocks sets every host's clock wrong by up to the given time; without
// hosts, every instance's.
func (w *world) setClocks(seed uint64, upTo time.Duration) {
	if upTo == 0 {
		return
	}
	r := newStream(seed, partClock)
	draw := func() int64 { return int64((2*r.Float64() - 1) * float64(upTo)) }
	for _, h := range w.hosts {
		h.skew = draw()
	}
	for _, s := range w.services {
		for _, in := range s.instances {
			if in.host != nil {
				in.skew = in.host.skew
			} else {
				in.skew = draw()
			}
		}
	}
}
