package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/e2e-framework/klient/decoder"
	"sigs.k8s.io/e2e-framework/klient/k8s"
	"sigs.k8s.io/e2e-framework/klient/k8s/resources"
	"sigs.k8s.io/e2e-framework/klient/wait"
)

const (
	// tokenLifetime is how long a dashboard's service-account token lives:
	// longer than any run.
	tokenLifetime = 24 * time.Hour
	pollInterval  = 100 * time.Millisecond
)

// Cluster is an administrator's connection to the API server.
type Cluster struct {
	config    *rest.Config
	clientset *kubernetes.Clientset
}

// Connect connects to an API server. It asks nothing of it yet.
func Connect(endpoint Endpoint) (*Cluster, error) {
	config, err := clientcmd.BuildConfigFromFlags("", endpoint.Kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("read the administrator's kubeconfig: %w", err)
	}
	// Many scenarios share the administrator's time, not a rate limit.
	config.QPS, config.Burst = -1, -1
	clientset, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make the administrator's client: %w", err)
	}
	return &Cluster{config: config, clientset: clientset}, nil
}

// Apply makes the objects of all manifests that fit the pattern. What is there
// already stays as it is.
func (c *Cluster) Apply(ctx context.Context, manifests fs.FS, pattern string) error {
	client, err := resources.New(c.config)
	if err != nil {
		return fmt.Errorf("make a client for manifests: %w", err)
	}
	objects, err := decoder.DecodeAllFiles(ctx, manifests, pattern)
	if err != nil {
		return fmt.Errorf("read the manifests %s: %w", pattern, err)
	}
	for _, object := range objects {
		if err := client.Create(ctx, object); err != nil && !apierrors.IsAlreadyExists(err) {
			return fmt.Errorf("make the %T %s: %w", object, name(object), err)
		}
	}
	return nil
}

func name(object k8s.Object) string {
	if object.GetNamespace() == "" {
		return object.GetName()
	}
	return object.GetNamespace() + "/" + object.GetName()
}

// WhoAmI asks the API server whom it takes the bearer of a token for.
func (c *Cluster) WhoAmI(ctx context.Context, token string) (authenticationv1.UserInfo, error) {
	config := rest.AnonymousClientConfig(c.config)
	config.BearerToken = token
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return authenticationv1.UserInfo{}, fmt.Errorf("make a client for a token: %w", err)
	}
	review, err := client.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		return authenticationv1.UserInfo{}, fmt.Errorf("ask the API server whom it takes a token's bearer for: %w", err)
	}
	return review.Status.UserInfo, nil
}

// AwaitToken waits until the API server accepts a token: it may still be
// fetching its issuer's keys.
func (c *Cluster) AwaitToken(ctx context.Context, token string) error {
	return poll(ctx, func() error {
		_, err := c.WhoAmI(ctx, token)
		return err
	})
}

// poll tries something until it succeeds.
func poll(ctx context.Context, try func() error) error {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		}
	}
}

// ServiceAccountToken makes a token of a service account, as a Pod gets one.
func (c *Cluster) ServiceAccountToken(ctx context.Context, namespace, account string) (string, error) {
	seconds := int64(tokenLifetime / time.Second)
	request, err := c.clientset.CoreV1().ServiceAccounts(namespace).CreateToken(ctx, account,
		&authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &seconds}}, metav1.CreateOptions{})
	if err != nil {
		return "", fmt.Errorf("make a token of the service account %s/%s: %w", namespace, account, err)
	}
	return request.Status.Token, nil
}

// CreateNamespace makes a namespace.
func (c *Cluster) CreateNamespace(ctx context.Context, name string) error {
	_, err := c.clientset.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("make the namespace %s: %w", name, err)
	}
	return nil
}

// Namespaces returns the names of all namespaces.
func (c *Cluster) Namespaces(ctx context.Context) ([]string, error) {
	list, err := c.clientset.CoreV1().Namespaces().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list the namespaces: %w", err)
	}
	names := make([]string, len(list.Items))
	for i, namespace := range list.Items {
		names[i] = namespace.Name
	}
	return names, nil
}

// DeleteNamespace removes a namespace with nothing in it. There is no
// controller to finalize it, so this does.
func (c *Cluster) DeleteNamespace(ctx context.Context, name string) error {
	namespaces := c.clientset.CoreV1().Namespaces()
	if err := namespaces.Delete(ctx, name, metav1.DeleteOptions{}); err != nil {
		if apierrors.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("remove the namespace %s: %w", name, err)
	}
	namespace, err := namespaces.Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("remove the namespace %s: %w", name, err)
	}
	namespace.Spec.Finalizers = nil
	if _, err := namespaces.Finalize(ctx, namespace, metav1.UpdateOptions{}); err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("finalize the namespace %s: %w", name, err)
	}
	return wait.For(func(ctx context.Context) (bool, error) {
		_, err := namespaces.Get(ctx, name, metav1.GetOptions{})
		return apierrors.IsNotFound(err), nil
	}, wait.WithContext(ctx), wait.WithInterval(pollInterval), wait.WithTimeout(10*time.Second), wait.WithImmediate())
}

// Attributes are what a request asks for, as the audit log names it. Path is
// that of a request for no resource.
type Attributes struct {
	Verb, Group, Resource, Subresource, Namespace, Name, Path string
}

// Allowed asks the API server's authorizer whether a user may do something.
func (c *Cluster) Allowed(ctx context.Context, user string, groups []string, asked Attributes) (bool, error) {
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{User: user, Groups: groups}}
	if asked.Resource != "" {
		review.Spec.ResourceAttributes = &authorizationv1.ResourceAttributes{
			Verb: asked.Verb, Group: asked.Group, Resource: asked.Resource, Subresource: asked.Subresource,
			Namespace: asked.Namespace, Name: asked.Name,
		}
	} else {
		review.Spec.NonResourceAttributes = &authorizationv1.NonResourceAttributes{Verb: asked.Verb, Path: asked.Path}
	}
	answered, err := c.clientset.AuthorizationV1().SubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
	if err != nil {
		return false, fmt.Errorf("ask whether %s may %s: %w", user, asked.Verb, err)
	}
	return answered.Status.Allowed, nil
}
