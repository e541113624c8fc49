"""Checks deploy/kubernetes without a cluster: `make manifests`.

Applies kustomization.yaml as far as it is used here (namespace, images, generated settings), then checks core kinds
against the schemas of kubernetes-validate, custom kinds against schemas/, references between the files, and everything
by checkov. Runs in an environment of its own, `.local/manifests-venv`.
"""

# ruff: noqa: T201

import importlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "kubernetes"
VERSION = "1.33"
CUSTOM = {path.stem: json.loads(path.read_text()) for path in (FOLDER / "schemas").glob("*.json")}
CLUSTER_WIDE = {"Namespace"}
# Created by hand, because their values are secrets (docs/operations.md, "Kubernetes").
SECRETS = {"passport-office", "database-owner", "backup-credentials", "site-tls"}
# What the manifests do not follow, and why.
SKIPPED = {
    "CKV_K8S_15": "images have fixed tags, and a node without the registry must be able to start them",
    "CKV_K8S_40": "nginx and valkey run as the users of their images (101, 999)",
    "CKV_K8S_43": "the release pipeline of an operator sets digests in kustomization.yaml",
}

Document = dict[str, Any]


def render(yaml: Any) -> list[Document]:
    """Return all documents as kustomize would write them. Raises SystemExit for a file without a place."""
    settings = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
    files = {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}
    if files != set(settings["resources"]):
        sys.exit(f"kustomization.yaml does not list: {sorted(files ^ set(settings['resources']))}")
    images = {row["name"]: f"{row['newName']}:{row['newTag']}" for row in settings["images"]}
    documents = [
        document
        for name in settings["resources"]
        for document in yaml.safe_load_all((FOLDER / name).read_text())
    ]
    for row in settings["configMapGenerator"]:
        pairs = (pair.split("=") for pair in row["files"])
        data = {name: (FOLDER / path).read_text() for name, path in pairs}
        metadata = {"name": row["name"]}
        documents.append(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
        )
    for document in documents:
        if document["kind"] not in CLUSTER_WIDE:
            document["metadata"]["namespace"] = settings["namespace"]
        for container in containers(document):
            container["image"] = images[container["image"]]
    return documents


def containers(document: Document) -> Iterator[Document]:
    """Yield the containers of a document's pods, first those that run before the others."""
    pod = document.get("spec", {}).get("template", {}).get("spec", {})
    yield from pod.get("initContainers", [])
    yield from pod.get("containers", [])


def names_of(value: Any, key: str) -> Iterator[str]:
    """Yield the names that a document refers to by this key, at any depth."""
    if isinstance(value, list):
        for item in value:
            yield from names_of(item, key)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name == key:
                yield from [item] if isinstance(item, str) else filter(None, [item.get("name")])
            else:
                yield from names_of(item, key)


def mistakes_in_references(documents: list[Document]) -> Iterator[str]:
    """Yield references to what no file defines."""
    defined = {(row["kind"], row["metadata"]["name"]) for row in documents}
    for row in documents:
        where = f"{row['kind']} {row['metadata']['name']}"
        target = row.get("spec", {}).get("scaleTargetRef")
        if target and ("Deployment", target["name"]) not in defined:
            yield f"{where}: no Deployment {target['name']}"
        if row["kind"] in CUSTOM:
            continue
        for key in ("configMapRef", "configMap"):
            for name in names_of(row, key):
                if ("ConfigMap", name) not in defined:
                    yield f"{where}: no ConfigMap {name}"
        for key in ("secret", "secretName", "secretKeyRef"):
            for name in names_of(row, key):
                if name not in SECRETS:
                    yield f"{where}: secret {name} is not among those that operators create"


def mistakes_in_kinds(documents: list[Document]) -> Iterator[str]:
    """Yield what the schemas refuse."""
    kubernetes = importlib.import_module("kubernetes_validate")
    jsonschema = importlib.import_module("jsonschema")
    for row in documents:
        where = f"{row['kind']} {row['metadata']['name']}"
        if row["kind"] in CUSTOM:
            schema = CUSTOM[row["kind"]]
            for error in jsonschema.Draft202012Validator(schema).iter_errors(row):
                yield f"{where}: {error.json_path}: {error.message}"
            continue
        try:
            kubernetes.validate(row, VERSION, strict=True)
        except kubernetes.ValidationError as error:
            yield f"{where}: {error}"


def run_checkov(yaml: Any, documents: list[Document]) -> int:
    """Check the rendered documents; checkov downloads nothing here."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rendered.yaml"
        file.write_text(yaml.safe_dump_all(documents))
        program = Path(sys.executable).with_name("checkov")
        options = ["--framework", "kubernetes", "--skip-download", "--compact", "--quiet"]
        skipped = ["--skip-check", ",".join(SKIPPED)]
        command = [sys.executable, str(program), "-f", str(file), *options, *skipped]
        return subprocess.run(command, check=False).returncode  # noqa: S603 - our own words


def main() -> int:
    """Print every mistake; 1 if there is one."""
    yaml = importlib.import_module("yaml")
    documents = render(yaml)
    mistakes = [*mistakes_in_kinds(documents), *mistakes_in_references(documents)]
    for line in mistakes:
        print(line)
    failed = bool(run_checkov(yaml, documents))
    if not mistakes and not failed:
        print(f"{len(documents)} documents of deploy/kubernetes are valid.")
    return int(failed or bool(mistakes))


if __name__ == "__main__":
    sys.exit(main())
