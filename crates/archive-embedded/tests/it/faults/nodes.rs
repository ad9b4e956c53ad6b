//! Files and folders: what the running system sees, and what a power cut leaves of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use tracekeep_archive::conformance::Random;

/// All files and folders that ever were there. Number 0 is the topmost folder; paths begin in it.
pub(crate) struct Nodes(Vec<Node>);

enum Node {
    File(File),
    Folder(Folder),
}

/// A file that only grows.
#[derive(Default)]
pub(crate) struct File {
    pub(crate) content: Vec<u8>,
    /// Bytes of it that are durable.
    pub(crate) synced: usize,
}

#[derive(Default)]
struct Folder {
    /// As the running system sees them.
    names: BTreeMap<String, usize>,
    /// As they are durable.
    synced: BTreeMap<String, usize>,
}

impl Nodes {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Self(vec![Node::Folder(Folder::default())])
    }

    pub(crate) fn make_folder(&mut self, path: &Path) {
        self.make(path, Node::Folder(Folder::default()));
    }

    /// A new file under a name that another may have had; gives back its number.
    pub(crate) fn make_file(&mut self, path: &Path) -> usize {
        self.make(path, Node::File(File::default()))
    }

    fn make(&mut self, path: &Path, node: Node) -> usize {
        let made = self.0.len();
        self.0.push(node);
        let (folder, name) = self.place(path);
        folder.names.insert(name, made);
        made
    }

    pub(crate) fn rename(&mut self, from: &Path, to: &Path) {
        let (folder, name) = self.place(from);
        let moved = folder.names.remove(&name).expect("the file is there");
        let (folder, name) = self.place(to);
        folder.names.insert(name, moved);
    }

    /// Takes a name away, and if it is a folder's, all names in that too.
    pub(crate) fn remove(&mut self, path: &Path) {
        let (folder, name) = self.place(path);
        if let Some(node) = folder.names.remove(&name) {
            self.clear(node);
        }
    }

    fn clear(&mut self, node: usize) {
        let Node::Folder(folder) = &mut self.0[node] else { return };
        for inner in std::mem::take(&mut folder.names).into_values() {
            self.clear(inner);
        }
    }

    /// What is in a folder; nothing if it is not there.
    pub(crate) fn names_in(&self, path: &Path) -> Vec<String> {
        match self.find(path).map(|node| &self.0[node]) {
            Some(Node::Folder(folder)) => folder.names.keys().cloned().collect(),
            _ => Vec::new(),
        }
    }

    pub(crate) fn file_mut(&mut self, node: usize) -> &mut File {
        match &mut self.0[node] {
            Node::File(file) => file,
            Node::Folder(_) => panic!("a folder is no file"),
        }
    }

    /// Of the names in a folder that changed, those become durable that reach the platter. Says whether
    /// the folder is there.
    pub(crate) fn sync_names(&mut self, path: &Path, reaches: impl FnMut() -> bool) -> bool {
        let Some(node) = self.find(path) else { return false };
        if let Node::Folder(folder) = &mut self.0[node] {
            folder.settle(reaches);
        }
        true
    }

    /// What a file holds, if it is there.
    pub(crate) fn content(&self, path: &Path) -> Option<&[u8]> {
        match &self.0[self.find(path)?] {
            Node::File(file) => Some(&file.content),
            Node::Folder(_) => None,
        }
    }

    /// What a file may hold, now or after a power cut.
    pub(crate) fn may_hold(&self, path: &Path) -> Vec<&[u8]> {
        let folder = path.parent().and_then(|parent| self.find(parent));
        let Some(Node::Folder(folder)) = folder.map(|node| &self.0[node]) else {
            return Vec::new();
        };
        let name = name_of(path);
        let nodes = [folder.names.get(&name), folder.synced.get(&name)].into_iter().flatten();
        let content = |node: &usize| match &self.0[*node] {
            Node::File(file) => Some(&file.content[..]),
            Node::Folder(_) => None,
        };
        nodes.filter_map(content).collect()
    }

    /// Whether a power cut leaves it, whatever else it takes: its name, those of the folders above, and
    /// all that is in it.
    pub(crate) fn is_durable(&self, path: &Path) -> bool {
        let mut at = 0;
        for name in path.iter().filter_map(|name| name.to_str()) {
            let Node::Folder(folder) = &self.0[at] else { return false };
            match (folder.names.get(name), folder.synced.get(name)) {
                (Some(now), Some(synced)) if now == synced => at = *now,
                _ => return false,
            }
        }
        self.is_synced(at)
    }

    fn is_synced(&self, node: usize) -> bool {
        match &self.0[node] {
            Node::File(file) => file.synced == file.content.len(),
            Node::Folder(folder) => {
                let mut inner = folder.names.values();
                folder.names == folder.synced && inner.all(|node| self.is_synced(*node))
            }
        }
    }

    /// Whether all bytes of a file are durable, under whatever name.
    pub(crate) fn is_whole(&self, path: &Path) -> bool {
        self.find(path).is_some_and(|node| self.is_synced(node))
    }

    /// Of everything that is not durable any part is gone; what is left is durable.
    pub(crate) fn cut_power(&mut self, random: &mut Random) {
        for node in &mut self.0 {
            match node {
                Node::File(file) => file.cut_power(random),
                Node::Folder(folder) => {
                    folder.settle(|| random.coin());
                    folder.names = folder.synced.clone();
                }
            }
        }
    }

    /// Makes a real folder, which is empty, hold all of this.
    pub(crate) fn write_out(&self, dir: &Path) {
        self.write_folder(0, dir);
    }

    fn write_folder(&self, node: usize, dir: &Path) {
        let Node::Folder(folder) = &self.0[node] else { return };
        for (name, inner) in &folder.names {
            let path = dir.join(name);
            match &self.0[*inner] {
                Node::File(file) => fs::write(path, &file.content).expect("a file can be written"),
                Node::Folder(_) => {
                    fs::create_dir(&path).expect("a folder can be made");
                    self.write_folder(*inner, &path);
                }
            }
        }
    }

    fn find(&self, path: &Path) -> Option<usize> {
        path.iter().try_fold(0, |at, name| match &self.0[at] {
            Node::Folder(folder) => folder.names.get(name.to_str()?).copied(),
            Node::File(_) => None,
        })
    }

    /// The folder that a name is in, and the name.
    fn place(&mut self, path: &Path) -> (&mut Folder, String) {
        let parent = path.parent().expect("the topmost folder has no name");
        let node = self.find(parent).expect("the folder is there");
        match &mut self.0[node] {
            Node::Folder(folder) => (folder, name_of(path)),
            Node::File(_) => panic!("{} is no folder", parent.display()),
        }
    }
}

impl File {
    fn cut_power(&mut self, random: &mut Random) {
        let kept = self.synced + random.below(self.content.len() - self.synced + 1);
        if random.coin() {
            self.content.truncate(kept);
        } else {
            // The length got there, the bytes did not.
            self.content[kept..].fill(0);
        }
        self.synced = self.content.len();
    }
}

impl Folder {
    fn settle(&mut self, mut reaches: impl FnMut() -> bool) {
        let names: BTreeSet<String> =
            self.names.keys().chain(self.synced.keys()).cloned().collect();
        for name in names {
            if self.names.get(&name) == self.synced.get(&name) || !reaches() {
                continue;
            }
            match self.names.get(&name) {
                Some(node) => self.synced.insert(name, *node),
                None => self.synced.remove(&name),
            };
        }
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
