// Command lint builds the kustomizations as kubectl would, reads every object into the types of Kubernetes' own API so that a
// field that there is not is an error, and reads the Containerfile with the parser and the linter of BuildKit.
package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

var kinds = map[string]func() any{
	"Deployment":            func() any { return &appsv1.Deployment{} },
	"StatefulSet":           func() any { return &appsv1.StatefulSet{} },
	"Job":                   func() any { return &batchv1.Job{} },
	"Service":               func() any { return &corev1.Service{} },
	"ConfigMap":             func() any { return &corev1.ConfigMap{} },
	"Namespace":             func() any { return &corev1.Namespace{} },
	"PersistentVolumeClaim": func() any { return &corev1.PersistentVolumeClaim{} },
	"NetworkPolicy":         func() any { return &networkingv1.NetworkPolicy{} },
	"Ingress":               func() any { return &networkingv1.Ingress{} },
	"PodDisruptionBudget":   func() any { return &policyv1.PodDisruptionBudget{} },
}

func main() {
	faults := 0
	fault := func(format string, args ...any) {
		faults++
		fmt.Printf(format+"\n", args...)
	}
	root := os.Args[1]
	for _, place := range []string{"control", "sandbox", "production"} {
		options := krusty.MakeDefaultOptions()
		built, err := krusty.MakeKustomizer(options).Run(filesys.MakeFsOnDisk(), root+"/kubernetes/"+place)
		if err != nil {
			fault("%s: %v", place, err)
			continue
		}
		for _, resource := range built.Resources() {
			text, err := resource.AsYAML()
			if err != nil {
				fault("%s: %v", place, err)
				continue
			}
			make, known := kinds[resource.GetKind()]
			if !known {
				fault("%s: no type for %s", place, resource.GetKind())
				continue
			}
			if err := yaml.UnmarshalStrict(text, make()); err != nil {
				fault("%s %s %s: %v", place, resource.GetKind(), resource.GetName(), err)
			}
			if bytes.Contains(text, []byte("keys/CELL")) {
				fault("%s %s: the name of the cell was not put into a path", place, resource.GetName())
			}
		}
		fmt.Printf("%s: %d objects\n", place, built.Size())
	}
	text, err := os.ReadFile(root + "/container/Containerfile")
	if err != nil {
		fault("%v", err)
	} else if tree, err := parser.Parse(bytes.NewReader(text)); err != nil {
		fault("Containerfile: %v", err)
	} else {
		said := linter.New(&linter.Config{
			Warn: func(name, description, _, message string, place []parser.Range) {
				fault("Containerfile: %s: %s (%s) %v", name, message, description, place)
			},
		})
		stages, _, err := instructions.Parse(tree.AST, said)
		if err != nil {
			fault("Containerfile: %v", err)
		}
		fmt.Printf("Containerfile: %d stages\n", len(stages))
	}
	if faults > 0 {
		os.Exit(1)
	}
}
