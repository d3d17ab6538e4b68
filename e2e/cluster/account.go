package cluster

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/authentication/serviceaccount"
)

// AccountName is the name by which the API server knows a service account.
func AccountName(namespace, account string) string {
	return serviceaccount.MakeUsername(namespace, account)
}

// CreateConfigMap makes an empty ConfigMap.
func (c *Cluster) CreateConfigMap(ctx context.Context, namespace, name string) error {
	_, err := c.clientset.CoreV1().ConfigMaps(namespace).Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("make the ConfigMap %s/%s: %w", namespace, name, err)
	}
	return nil
}

// HasConfigMap says whether there is a ConfigMap.
func (c *Cluster) HasConfigMap(ctx context.Context, namespace, name string) (bool, error) {
	_, err := c.clientset.CoreV1().ConfigMaps(namespace).Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for the ConfigMap %s/%s: %w", namespace, name, err)
	}
	return true, nil
}

// CreateServiceAccount makes a service account, without any right.
func (c *Cluster) CreateServiceAccount(ctx context.Context, namespace, account string) error {
	_, err := c.clientset.CoreV1().ServiceAccounts(namespace).Create(ctx, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: account}}, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("make the service account %s/%s: %w", namespace, account, err)
	}
	return nil
}

// DeleteServiceAccount removes a service account. What is gone stays so.
func (c *Cluster) DeleteServiceAccount(ctx context.Context, namespace, account string) error {
	err := c.clientset.CoreV1().ServiceAccounts(namespace).Delete(ctx, account, metav1.DeleteOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("remove the service account %s/%s: %w", namespace, account, err)
	}
	return nil
}
