package main

import (
	"context"

	"github.com/fluxcd/pkg/ssa"
	"github.com/fluxcd/pkg/ssa/normalize"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const fluxController = "kustomize-controller"

// As apply in fluxcd/kustomize-controller internal/controller/kustomization_controller.go does it, with the flags' defaults:
// before it applies, it takes over what managers whose names begin with kubectl have written.
func flux(ctx context.Context, config *rest.Config, manifest *unstructured.Unstructured) (string, error) {
	kube, err := client.New(as(config, fluxController), client.Options{})
	if err != nil {
		return "", err
	}
	owner := ssa.Owner{Field: fluxController, Group: "kustomize.toolkit.fluxcd.io"}
	manager := ssa.NewResourceManager(kube, nil, owner)
	objects := []*unstructured.Unstructured{manifest}
	manager.SetOwnerLabels(objects, "registries", "flux-system")
	if err := normalize.UnstructuredList(objects); err != nil {
		return "", err
	}
	options := ssa.DefaultApplyOptions()
	options.ExclusionSelector = map[string]string{
		"kustomize.toolkit.fluxcd.io/reconcile": "disabled",
		"kustomize.toolkit.fluxcd.io/ssa":       "Ignore",
	}
	options.IfNotPresentSelector = map[string]string{"kustomize.toolkit.fluxcd.io/ssa": "IfNotPresent"}
	options.ForceSelector = map[string]string{"kustomize.toolkit.fluxcd.io/force": "enabled"}
	options.Cleanup = ssa.ApplyCleanupOptions{
		Annotations: []string{corev1.LastAppliedConfigAnnotation},
		FieldManagers: []ssa.FieldManager{
			{Name: "kubectl", OperationType: metav1.ManagedFieldsOperationApply},
			{Name: "kubectl", OperationType: metav1.ManagedFieldsOperationUpdate},
			{Name: "before-first-apply", OperationType: metav1.ManagedFieldsOperationUpdate},
			{Name: fluxController, OperationType: metav1.ManagedFieldsOperationUpdate},
		},
		Exclusions: map[string]string{"kustomize.toolkit.fluxcd.io/ssa": "Merge"},
	}
	changes, err := manager.ApplyAllStaged(ctx, objects, options)
	if err != nil {
		return "", err
	}
	return changes.Entries[0].Action.String(), nil
}
