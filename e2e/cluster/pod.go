package cluster

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	// NodeName is the name of the only node.
	NodeName = "stub-kubelet"
	// Container is the name of a pod's only container.
	Container = "main"
	// image is named in a pod, and never fetched.
	image = "none.invalid/stub"
)

// AddNode adds the node whose kubelet listens at an address, and which is ready.
func (c *Cluster) AddNode(ctx context.Context, address string, port int) error {
	room := corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("1"), corev1.ResourceMemory: resource.MustParse("1Gi"), corev1.ResourcePods: resource.MustParse("110"),
	}
	node := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: NodeName},
		Status: corev1.NodeStatus{
			Capacity: room, Allocatable: room,
			Addresses:       []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: address}},
			DaemonEndpoints: corev1.NodeDaemonEndpoints{KubeletEndpoint: corev1.DaemonEndpoint{Port: int32(port)}},
			Conditions: []corev1.NodeCondition{{
				Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "Stub",
				LastHeartbeatTime: metav1.Now(), LastTransitionTime: metav1.Now(),
			}},
		},
	}
	if _, err := c.clientset.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("make the node %s: %w", NodeName, err)
	}
	return nil
}

// RunPod makes a pod that runs, as far as the API server knows.
func (c *Cluster) RunPod(ctx context.Context, namespace, name string) error {
	pods := c.clientset.CoreV1().Pods(namespace)
	pod, err := pods.Create(ctx, &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       corev1.PodSpec{NodeName: NodeName, Containers: []corev1.Container{{Name: Container, Image: image}}},
	}, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("make the pod %s/%s: %w", namespace, name, err)
	}
	now := metav1.Now()
	pod.Status = corev1.PodStatus{
		Phase: corev1.PodRunning, StartTime: &now,
		Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: now}},
		ContainerStatuses: []corev1.ContainerStatus{{
			Name: Container, Image: image, Ready: true,
			State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: now}},
		}},
	}
	if _, err := pods.UpdateStatus(ctx, pod, metav1.UpdateOptions{}); err != nil {
		return fmt.Errorf("say that the pod %s/%s runs: %w", namespace, name, err)
	}
	return nil
}

// PodLog reads the log of a pod's container.
func (c *Cluster) PodLog(ctx context.Context, namespace, name string) (string, error) {
	log, err := c.clientset.CoreV1().Pods(namespace).GetLogs(name, &corev1.PodLogOptions{Container: Container}).DoRaw(ctx)
	if err != nil {
		return "", fmt.Errorf("read the log of the pod %s/%s: %w", namespace, name, err)
	}
	return string(log), nil
}

// DeletePod removes a pod at once: nobody would say that it has ended.
func (c *Cluster) DeletePod(ctx context.Context, namespace, name string) error {
	err := c.clientset.CoreV1().Pods(namespace).Delete(ctx, name, *metav1.NewDeleteOptions(0))
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("remove the pod %s/%s: %w", namespace, name, err)
	}
	return nil
}
