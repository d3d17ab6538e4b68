package keycloak

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// SpaceNeeded is what one prepared version takes in the cache, with what its
// preparation needs for a while, in bytes.
const SpaceNeeded = 700 << 20

// download fetches a version's distribution, a zip file, into dir.
func download(ctx context.Context, maven, version, dir string) (string, error) {
	command := exec.CommandContext(ctx, maven, "-B", "-q", "dependency:copy",
		"-Dartifact=org.keycloak:keycloak-quarkus-dist:"+version+":zip", "-DoutputDirectory="+dir)
	output, err := command.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("download Keycloak %s with Maven (%s): %w: %s", version, strings.Join(command.Args, " "), err, tail(output))
	}
	return filepath.Join(dir, "keycloak-quarkus-dist-"+version+".zip"), nil
}

// unpack unpacks a zip file into dir, without the one directory that everything
// in it lies in.
func unpack(archive, dir string) error {
	reader, err := zip.OpenReader(archive)
	if err != nil {
		return fmt.Errorf("open Keycloak's distribution: %w", err)
	}
	defer reader.Close()
	for _, entry := range reader.File {
		_, name, _ := strings.Cut(entry.Name, "/")
		if name == "" {
			continue
		}
		if !filepath.IsLocal(name) {
			return fmt.Errorf("unpack Keycloak's distribution: %q leads out of it", entry.Name)
		}
		if err := unpackEntry(entry, filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("unpack %s of Keycloak's distribution: %w", name, err)
		}
	}
	return nil
}

func unpackEntry(entry *zip.File, target string) error {
	if entry.FileInfo().IsDir() {
		return os.MkdirAll(target, 0o755)
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	source, err := entry.Open()
	if err != nil {
		return err
	}
	defer source.Close()
	file, err := os.OpenFile(target, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, entry.Mode().Perm()|0o600)
	if err != nil {
		return err
	}
	// The archive is a release of a known size, not somebody's upload.
	_, err = io.Copy(file, source)
	return errors.Join(err, file.Close())
}

// build builds the distribution for the options that are fixed at build time.
func build(ctx context.Context, java, home string, options []string) error {
	command := exec.CommandContext(ctx, filepath.Join(home, "bin", "kc.sh"), options...)
	command.Env = environment(java, home)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build Keycloak: %w: %s", err, tail(output))
	}
	return nil
}

// environment is what kc.sh needs to find its Java, and nothing of ours.
func environment(java, home string) []string {
	return []string{
		"PATH=" + filepath.Dir(java) + string(os.PathListSeparator) + os.Getenv("PATH"),
		"JAVA=" + java, "HOME=" + home, "LANG=C.UTF-8",
		"JAVA_OPTS_KC_HEAP=-Xms192m -Xmx768m",
		"JAVA_OPTS_APPEND=-XX:TieredStopAtLevel=1 -Djava.net.preferIPv4Stack=true",
	}
}

// tail is the end of a program's output, for an error.
func tail(output []byte) string {
	const longest = 1500
	text := strings.TrimSpace(string(output))
	if len(text) > longest {
		text = "…" + text[len(text)-longest:]
	}
	return text
}
