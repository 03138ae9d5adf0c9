//! Folders and ports: keys, the copy of the four files that a scenario may edit, free ports.

use crate::trouble::Trouble;
use nebulalinks::catalog::DesiredFile;
use nebulalinks::store::{OpenError, OpenOptions, SledStore};
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A store where there is none: the sandbox's folders are its own.
pub(crate) fn store_in(state: &Path) -> Result<(), Trouble> {
    private_folder(state)?;
    match SledStore::init(&OpenOptions::at(state)) {
        Ok(()) | Err(OpenError::NotEmpty { .. }) => Ok(()),
        Err(error) => Err(Trouble::while_doing("make a store")(error)),
    }
}

/// The name of the folder in which an edit is prepared.
const DRAFT: &str = "draft";

/// A folder with the four files, to be edited and put back.
#[derive(Debug, Clone)]
pub(crate) struct Desired {
    /// Where the four files lie.
    pub(crate) folder: PathBuf,
    /// The files as they were at first, `None` where there was none. What could not be read is not here.
    shipped: BTreeMap<DesiredFile, Option<Vec<u8>>>,
    /// The addresses of gateways that a copy names otherwise: as shipped, and here.
    addresses: Vec<(String, String)>,
}

impl Desired {
    /// Copies the four files; the gateways get these ports, by the order of `servers.yaml`.
    pub(crate) fn copy(from: &Path, folder: &Path, ports: &[u16]) -> Result<Self, Trouble> {
        fs::create_dir_all(folder).map_err(Trouble::while_doing("make a folder"))?;
        let found = loopback_gateways(&read(&from.join("servers.yaml"))?);
        let here = ports.iter().map(|port| format!("http://127.0.0.1:{port}"));
        let addresses: Vec<(String, String)> = found.into_iter().zip(here).collect();
        let mut shipped = BTreeMap::new();
        for file in DesiredFile::ALL {
            let path = from.join(file.name());
            if file.is_optional() && !path.exists() {
                shipped.insert(file, None);
                continue;
            }
            let mut text = read(&path)?;
            for (shipped, here) in &addresses {
                text = text.replace(shipped, here);
            }
            shipped.insert(file, Some(text.into_bytes()));
        }
        let desired = Self { folder: folder.to_owned(), shipped, addresses };
        for file in DesiredFile::ALL {
            desired.restore(file.name())?;
        }
        Ok(desired)
    }

    /// The folder itself: what is put back is what stands there now, and a file that is not there is
    /// deleted again.
    pub(crate) fn in_place(folder: &Path) -> Self {
        let found = |file: DesiredFile| match fs::read(folder.join(file.name())) {
            Ok(bytes) => Some((file, Some(bytes))),
            Err(error) => (error.kind() == ErrorKind::NotFound).then_some((file, None)),
        };
        let shipped = DesiredFile::ALL.into_iter().filter_map(found).collect();
        Self { folder: folder.to_owned(), shipped, addresses: Vec::new() }
    }

    /// A copy of the files as they are, beside them: the same one until it is dropped.
    pub(crate) fn draft(&self) -> Result<Self, Trouble> {
        let folder = self.folder.with_file_name(DRAFT);
        let Self { shipped, addresses, .. } = self;
        let draft = Self { folder, shipped: shipped.clone(), addresses: addresses.clone() };
        if !draft.folder.exists() {
            fs::create_dir_all(&draft.folder).map_err(Trouble::while_doing("make a folder"))?;
            let there = |file: &DesiredFile| !file.is_optional() || self.exists(*file);
            for file in DesiredFile::ALL.into_iter().filter(there) {
                draft.write(file.name(), &self.text(file.name())?)?;
            }
        }
        Ok(draft)
    }

    /// Throws the draft away.
    pub(crate) fn drop_draft(&self) -> Result<(), Trouble> {
        let folder = self.folder.with_file_name(DRAFT);
        fs::remove_dir_all(folder).map_err(Trouble::while_doing("drop the draft"))
    }

    /// A text of the files with the addresses that the shipped ones have: it is the same in each copy.
    pub(crate) fn as_shipped(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (shipped, here) in &self.addresses {
            text = text.replace(here, shipped);
        }
        text
    }

    /// The other way round.
    pub(crate) fn as_here(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (shipped, here) in &self.addresses {
            text = text.replace(shipped, here);
        }
        text
    }

    /// Whether the file is one of the shop's: it must be there, or it is, or it was at first.
    pub(crate) fn has(&self, file: DesiredFile) -> bool {
        !file.is_optional() || self.exists(file) || self.is_changed(file)
    }

    fn exists(&self, file: DesiredFile) -> bool {
        self.folder.join(file.name()).exists()
    }

    /// Whether the file is another than at first.
    pub(crate) fn is_changed(&self, file: DesiredFile) -> bool {
        let now = fs::read(self.folder.join(file.name())).ok();
        self.shipped.get(&file).is_some_and(|first| *first != now)
    }

    /// The file as it is now.
    pub(crate) fn text(&self, file: &str) -> Result<String, Trouble> {
        read(&self.folder.join(file))
    }

    /// Writes the file as an editor does: beside it, then over it.
    pub(crate) fn write(&self, file: &str, text: &str) -> Result<(), Trouble> {
        self.put(known(file)?, text.as_bytes())
    }

    fn put(&self, file: DesiredFile, bytes: &[u8]) -> Result<(), Trouble> {
        let name = file.name();
        let beside = self.folder.join(format!(".{name}.new"));
        fs::write(&beside, bytes)
            .and_then(|()| fs::rename(&beside, self.folder.join(name)))
            .map_err(|error| Trouble(format!("cannot write {name}: {error}")))
    }

    /// Puts the file back as it was at first.
    pub(crate) fn restore(&self, file: &str) -> Result<(), Trouble> {
        let known = known(file)?;
        match self.shipped.get(&known) {
            Some(Some(bytes)) => self.put(known, bytes),
            Some(None) if self.folder.join(file).exists() => self.delete(file),
            Some(None) => Ok(()),
            None => Err(Trouble(format!("{file} could not be read when the sandbox started"))),
        }
    }

    /// Deletes the file.
    pub(crate) fn delete(&self, file: &str) -> Result<(), Trouble> {
        let name = known(file)?.name();
        fs::remove_file(self.folder.join(name)).map_err(|error| match error.kind() {
            ErrorKind::NotFound => Trouble(format!("{name} is gone already")),
            _ => Trouble(format!("cannot delete {name}: {error}")),
        })
    }
}

fn known(file: &str) -> Result<DesiredFile, Trouble> {
    let found = DesiredFile::ALL.into_iter().find(|known| known.name() == file);
    found.ok_or_else(|| {
        let all = DesiredFile::ALL.map(DesiredFile::name).join(", ");
        Trouble(format!("{file} is none of {all}"))
    })
}

fn read(path: &Path) -> Result<String, Trouble> {
    fs::read_to_string(path).map_err(|e| Trouble(format!("cannot read {}: {e}", path.display())))
}

/// The gateways' addresses on this machine, in their order.
fn loopback_gateways(servers: &str) -> Vec<String> {
    let lines = servers.lines().filter_map(|line| line.trim().strip_prefix("gateway:"));
    lines.map(|a| a.trim().to_owned()).filter(|a| a.starts_with("http://127.0.0.1:")).collect()
}

/// Ports nobody listens on just now. They are taken from below those that the machine gives to outgoing
/// connections, so that none of these takes one before its process listens.
pub(crate) fn free_ports<const N: usize>(seed: u16) -> Result<[u16; N], Trouble> {
    let mut found = [0; N];
    let mut candidates = (0..9_000_u16).map(|n| 20_000 + (seed % 9_000 + n) % 9_000);
    for port in &mut found {
        let free = candidates
            .by_ref()
            .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok());
        *port = free.ok_or_else(|| Trouble("no port is free on 127.0.0.1".to_owned()))?;
    }
    Ok(found)
}

/// Ports of this process's own: a gateway that was killed finds its port again, although other sandboxes
/// that begin meanwhile look for free ones.
pub(crate) fn own_ports<const N: usize>() -> Result<[u16; N], Trouble> {
    /// More than one system takes.
    const BLOCK: u32 = 24;
    static SYSTEMS: AtomicU32 = AtomicU32::new(0);
    let system = SYSTEMS.fetch_add(1, Ordering::Relaxed);
    let block = std::process::id().wrapping_add(system.wrapping_mul(97));
    free_ports(u16::try_from(block.wrapping_mul(BLOCK) % 9_000).unwrap_or_default())
}

/// Says who is in the way, before a process fails on it.
pub(super) fn must_be_free(address: SocketAddr, what: &str, flag: &str) -> Result<(), Trouble> {
    match TcpListener::bind(address) {
        Ok(_) => Ok(()),
        Err(error) => Err(Trouble(format!(
            "{what} cannot listen on {address}: {error}. Is another sandbox or service running \
             there? End it (`ss -ltnp 'sport = :{port}'` says which), or {flag}",
            port = address.port()
        ))),
    }
}

/// The key file of a gateway, made when it is not there.
pub(super) fn key_file(folder: &Path, name: &str) -> Result<PathBuf, Trouble> {
    use secrecy::ExposeSecret as _;
    let path = folder.join(name);
    if path.exists() {
        return Ok(path);
    }
    private_folder(folder)?;
    let text = nebulalinks_protocol::generate_key_file(key(), key());
    let made = fs::OpenOptions::new().write(true).create_new(true).mode(0o400).open(&path);
    made.and_then(|mut f| std::io::Write::write_all(&mut f, text.expose_secret().as_bytes()))
        .map_err(Trouble::while_doing("write a key file"))?;
    Ok(path)
}

#[allow(clippy::disallowed_methods, reason = "keys are random, also in the sandbox")]
fn key() -> [u8; 32] {
    rand::random()
}

/// Makes a folder that only this user can enter, also of one that was there: git keeps no modes, so
/// in a fresh clone everybody can enter `state/`.
pub(crate) fn private_folder(path: &Path) -> Result<(), Trouble> {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(0o700)))
        .map_err(|e| Trouble(format!("cannot make {}: {e}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../desired");

    #[test]
    fn the_state_folder_of_a_fresh_clone_is_closed_to_others() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        fs::create_dir(&state).unwrap();
        fs::set_permissions(&state, fs::Permissions::from_mode(0o755)).unwrap();
        store_in(&state).unwrap();
        assert_eq!(fs::metadata(&state).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_copy_names_other_ports_and_is_otherwise_as_shipped() {
        let folder = tempfile::tempdir().unwrap();
        let copy = Desired::copy(Path::new(SHIPPED), folder.path(), &[21_001, 21_002]).unwrap();
        let servers = copy.text("servers.yaml").unwrap();
        assert!(servers.contains("gateway: http://127.0.0.1:21001\n"), "{servers}");
        assert!(servers.contains("gateway: http://127.0.0.1:21002\n"), "{servers}");
        let shipped = fs::read_to_string(Path::new(SHIPPED).join("plans.yaml")).unwrap();
        assert_eq!(copy.text("plans.yaml").unwrap(), shipped);
        let as_shipped = fs::read_to_string(Path::new(SHIPPED).join("servers.yaml")).unwrap();
        assert_eq!(copy.as_shipped(&servers), as_shipped);
        assert_eq!(copy.as_here(&as_shipped), servers);
    }

    #[test]
    fn a_file_that_was_edited_or_deleted_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let copy = Desired::copy(Path::new(SHIPPED), folder.path(), &[]).unwrap();
        let first = copy.text("plans.yaml").unwrap();
        copy.write("plans.yaml", "nonsense").unwrap();
        copy.delete("shop.yaml").unwrap();
        copy.restore("plans.yaml").unwrap();
        copy.restore("shop.yaml").unwrap();
        assert_eq!(copy.text("plans.yaml").unwrap(), first);
        assert!(copy.text("shop.yaml").unwrap().contains("shop:"));
    }

    #[test]
    fn only_the_four_files_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let copy = Desired::copy(Path::new(SHIPPED), &folder.path().join("desired"), &[]).unwrap();
        for file in ["../plans.yaml", "other.yaml", "", "/etc/passwd"] {
            assert!(copy.write(file, "x").is_err() && copy.delete(file).is_err(), "{file}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_in_place_is_put_back_as_it_was_found() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("plans.yaml"), "mine").unwrap();
        let desired = Desired::in_place(folder.path());
        desired.write("plans.yaml", "theirs").unwrap();
        desired.restore("plans.yaml").unwrap();
        assert_eq!(desired.text("plans.yaml").unwrap(), "mine");
    }

    #[test]
    fn a_file_that_was_not_there_is_deleted_when_it_is_put_back() {
        let folder = tempfile::tempdir().unwrap();
        let desired = Desired::in_place(folder.path());
        desired.restore("shop.yaml").unwrap();
        desired.write("shop.yaml", "theirs").unwrap();
        assert!(desired.is_changed(DesiredFile::Shop));
        desired.restore("shop.yaml").unwrap();
        assert!(!folder.path().join("shop.yaml").exists());
        assert!(!desired.is_changed(DesiredFile::Shop));
    }

    #[test]
    fn a_file_that_is_no_text_is_put_back_byte_for_byte() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plans.yaml");
        fs::write(&path, b"\xff").unwrap();
        let desired = Desired::in_place(folder.path());
        desired.write("plans.yaml", "theirs").unwrap();
        desired.restore("plans.yaml").unwrap();
        assert_eq!(fs::read(path).unwrap(), b"\xff");
    }

    #[test]
    fn who_deletes_a_file_that_is_gone_reads_which() {
        let folder = tempfile::tempdir().unwrap();
        let said = Desired::in_place(folder.path()).delete("shop.yaml").unwrap_err().to_string();
        assert_eq!(said, "shop.yaml is gone already");
    }

    #[test]
    fn keys_are_made_once_and_are_for_their_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let first = fs::read(key_file(folder.path(), "fra-1").unwrap()).unwrap();
        let path = key_file(folder.path(), "fra-1").unwrap();
        assert_eq!(fs::read(&path).unwrap(), first);
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o400);
    }

    #[test]
    fn a_taken_port_is_named_with_what_to_do() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = taken.local_addr().unwrap();
        let said = must_be_free(address, "the metrics", "say --metrics").unwrap_err().to_string();
        assert!(said.contains(&address.to_string()) && said.contains("--metrics"), "{said}");
    }
}
