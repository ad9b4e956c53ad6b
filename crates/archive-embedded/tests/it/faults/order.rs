//! What must hold at every operation, so that it does not matter when the power goes.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::nodes::Nodes;

/// The file that says what counts.
const MANIFEST: &str = "manifest.json";

/// What a power cut could take of a manifest that is about to count, and of all that it names.
pub(crate) fn not_durable(nodes: &Nodes, prepared: &Path) -> Vec<String> {
    let mut missing = Vec::new();
    if !nodes.is_whole(prepared) {
        missing.push(format!("{} counts before it is synced", prepared.display()));
    }
    let root = prepared.parent().expect("a manifest is in a folder");
    let manifest = nodes.content(prepared).expect("the manifest is there");
    for segment in named(manifest, root) {
        if !nodes.is_durable(&segment) {
            missing.push(format!("{} is named before it is synced", segment.display()));
        }
    }
    missing
}

/// Whether a manifest that may be found, now or after a power cut, names a segment's folder.
pub(crate) fn is_named(nodes: &Nodes, segment: &Path) -> bool {
    // <archive>/segments/<project>/<shelf>/<number>
    let root = segment.ancestors().nth(4).expect("a segment is in an archive");
    let manifests = nodes.may_hold(&root.join(MANIFEST));
    manifests.iter().any(|manifest| named(manifest, root).iter().any(|named| named == segment))
}

fn named(manifest: &[u8], root: &Path) -> Vec<PathBuf> {
    let manifest: Json = serde_json::from_slice(manifest).expect("a manifest is JSON");
    let segments = manifest["segments"].as_array().expect("it has a list of segments");
    let folder = |segment: &Json| {
        let project = segment["project"].as_str().expect("a segment has a project");
        let (shelf, number) = (&segment["day"], &segment["number"]);
        root.join("segments").join(project).join(shelf.to_string()).join(number.to_string())
    };
    segments.iter().map(folder).collect()
}
