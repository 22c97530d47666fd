//! New data keys for projects, while servers run.
//!
//! A new key becomes the project's current one in a transaction that waits for whoever seals just
//! then, so that from its end on nothing is sealed with the key before. What that one sealed is
//! sealed anew, row by row, each by comparing with what was read. An attempt to connect is left
//! alone, for it ends by itself. When nothing is left that a key sealed, it is taken out; servers do
//! that too, every minute, where a rotation left something.

use std::time::Duration;

use base::{Clock, Error, ErrorKind, FileId, ProjectId, Random, Result};
use store::changes::Kind;
use store::{Store, changes, files, oauth_attempts, projects, sealed};
use uuid::Uuid;

use super::BATCH_PROJECTS;
use crate::vault::{self, DataKey, KeyId, MasterKeys, SealingKey, Vault, WRAPPED_KEY_BYTES};

/// How many rows are read, or sealed anew in one transaction, so that a writing server waits shortly.
const BATCH_ROWS: u32 = 200;
/// How long after its end an attempt may still be on its way through a server.
const ATTEMPT_ENDED: Duration = Duration::from_secs(300);

/// What a rotation of data keys has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataRotation {
    /// How many projects got a new data key.
    pub projects: u64,
    /// How many secrets were sealed anew.
    pub resealed: u64,
    /// How many projects keep an older key, until attempts to connect that began with it have ended.
    pub waiting: u64,
    /// Projects left as they were, for their master key is missing or their row was damaged.
    pub unreadable: Vec<ProjectId>,
}

/// What every step needs.
struct Rotating<'a> {
    store: &'a Store,
    vault: Vault,
    clock: &'a Clock,
    random: &'a Random,
}

/// Gives every project, or the one that is named, a new data key, seals what it has anew and takes
/// the old key out.
///
/// # Errors
/// When the key file or the database cannot be used. Stopped in the middle, it is brought to its end
/// by the servers or when it is called again.
pub async fn rotate_data_keys(
    store: &Store,
    keys: &MasterKeys,
    (clock, random): (&Clock, &Random),
    only: Option<ProjectId>,
) -> Result<DataRotation> {
    let rotating = Rotating::new(store, keys, clock, random)?;
    let mut rotation = DataRotation::default();
    let wanted = match only {
        Some(id) => vec![id],
        None => every_project(store).await?,
    };
    for id in wanted {
        rotating.rotate(id, &mut rotation).await?;
    }
    Ok(rotation)
}

/// Those there are now: what is made later has a new key anyhow, and would never come to an end.
async fn every_project(store: &Store) -> Result<Vec<ProjectId>> {
    let (mut all, mut after) = (Vec::new(), None);
    let mut conn = store.read().await?;
    loop {
        let batch = projects::list_data_keys(&mut conn, after, BATCH_PROJECTS).await?;
        let Some((last, _)) = batch.last() else { return Ok(all) };
        after = Some(*last);
        all.extend(batch.into_iter().map(|(id, _)| id));
    }
}

/// Brings rotations to their end that left something: they were stopped, or attempts to connect
/// kept an older key in use.
///
/// # Errors
/// As above.
pub async fn finish_data_keys(
    store: &Store,
    keys: &MasterKeys,
    (clock, random): (&Clock, &Random),
) -> Result<DataRotation> {
    let rotating = Rotating::new(store, keys, clock, random)?;
    let (mut rotation, mut after) = (DataRotation::default(), None);
    loop {
        let mut conn = store.read().await?;
        let found =
            projects::list_long_data_keys(&mut conn, WRAPPED_KEY_BYTES, after, BATCH_PROJECTS);
        let batch = found.await?;
        drop(conn);
        let Some(last) = batch.last() else { return Ok(rotation) };
        after = Some(*last);
        for id in batch {
            rotating.finish(id, &mut rotation).await?;
        }
    }
}

impl<'a> Rotating<'a> {
    fn new(
        store: &'a Store,
        keys: &MasterKeys,
        clock: &'a Clock,
        random: &'a Random,
    ) -> Result<Self> {
        let vault = Vault::new(keys.reread()?, random.clone());
        Ok(Self { store, vault, clock, random })
    }

    async fn rotate(&self, id: ProjectId, rotation: &mut DataRotation) -> Result<()> {
        if self.begin(id, rotation).await? { self.finish(id, rotation).await } else { Ok(()) }
    }

    /// Makes a new key the current one.
    async fn begin(&self, id: ProjectId, rotation: &mut DataRotation) -> Result<bool> {
        let changed = self.change(id, |keys, ring| {
            let ring = ring.with_new(self.random).ok_or_else(|| too_many(id))?;
            Ok(Some(keys.wrap(self.random, id, &ring)))
        });
        match changed.await {
            Ok(changed) => {
                rotation.projects += u64::from(changed);
                Ok(changed)
            }
            Err(error) if is_unreadable(&error) => {
                rotation.unreadable.push(id);
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Puts other data keys in the place of a project's, while nobody seals with them.
    async fn change(
        &self,
        id: ProjectId,
        other: impl FnOnce(&MasterKeys, &vault::Ring) -> Result<Option<Vec<u8>>>,
    ) -> Result<bool> {
        let mut tx = self.store.begin().await?;
        // The row first: whoever seals has it already when they come to what is held next.
        let Some(wrapped) = projects::lock_data_key(&mut tx, id).await? else { return Ok(false) };
        changes::hold(&mut tx).await?;
        let keys = self.vault.master_keys().reread()?;
        let Some(anew) = other(&keys, &keys.unwrap(id, &wrapped)?)? else { return Ok(false) };
        projects::replace_data_key(&mut tx, id, &wrapped, &anew).await?;
        changes::note(&mut tx, id, Kind::Project, id, self.clock.now()).await?;
        tx.commit().await?;
        self.vault.forget(id);
        Ok(true)
    }

    /// Seals anew what older keys have sealed, and takes out those that are not needed.
    async fn finish(&self, id: ProjectId, rotation: &mut DataRotation) -> Result<()> {
        let mut conn = self.store.read().await?;
        let key = match self.vault.data_key(&mut conn, id).await {
            // It may have been deleted meanwhile.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) if is_unreadable(&error) => {
                rotation.unreadable.push(id);
                return Ok(());
            }
            key => key?,
        };
        drop(conn);
        for column in sealed::COLUMNS {
            rotation.resealed += self.reseal(id, column, &key).await?;
        }
        rotation.resealed += self.reseal_chunks(id, &key).await?;
        let needed = self.of_attempts(id).await?;
        let needed: Vec<KeyId> =
            key.older().into_iter().filter(|older| needed.contains(older)).collect();
        rotation.waiting += u64::from(!needed.is_empty());
        self.change(id, |keys, ring| {
            let less = ring.keeping(&needed);
            let same = less.older() == ring.older() || !key.is_current(ring);
            Ok((!same).then(|| keys.wrap(self.random, id, &less)))
        })
        .await?;
        Ok(())
    }

    async fn reseal(&self, id: ProjectId, column: sealed::Column, key: &DataKey) -> Result<u64> {
        let (mut resealed, mut after) = (0, String::new());
        loop {
            let mut conn = self.store.read().await?;
            let batch = sealed::list(&mut conn, column, id, &after, BATCH_ROWS).await?;
            drop(conn);
            let Some((last, _)) = batch.last() else { return Ok(resealed) };
            after.clone_from(last);
            let old: Vec<_> =
                batch.into_iter().filter(|(_, sealed)| key.is_sealed_with_older(sealed)).collect();
            if old.is_empty() {
                continue;
            }
            let mut tx = self.store.begin().await?;
            let current = self.vault.sealing_key(&mut tx, id).await?;
            for (row, sealed) in old {
                let Some(anew) = seal_anew(&current, &row, column.name, &sealed) else { continue };
                let place = (id, row.as_str());
                let done = sealed::replace(&mut tx, column, place, &sealed, &anew).await?;
                resealed += u64::from(done);
            }
            tx.commit().await?;
        }
    }

    /// The same for the chunks of files, of which only the beginning is read where that will do.
    async fn reseal_chunks(&self, id: ProjectId, key: &DataKey) -> Result<u64> {
        let (mut resealed, mut after) = (0, None);
        loop {
            let mut conn = self.store.read().await?;
            let heads = files::list_chunk_heads(&mut conn, id, after, BATCH_ROWS).await?;
            drop(conn);
            let Some((last, _)) = heads.last() else { return Ok(resealed) };
            after = Some(*last);
            let old = heads.into_iter().filter(|(_, head)| key.is_sealed_with_older(head));
            for (place, _) in old {
                resealed += u64::from(self.reseal_chunk(id, place).await?);
            }
        }
    }

    async fn reseal_chunk(&self, id: ProjectId, place: (FileId, u32)) -> Result<bool> {
        let (file, number) = place;
        let mut tx = self.store.begin().await?;
        let current = self.vault.sealing_key(&mut tx, id).await?;
        let sealed = files::chunk(&mut tx, id, file, number).await?;
        let (row, field) = (file.to_string(), crate::files::field(number));
        let anew = sealed.as_ref().and_then(|sealed| seal_anew(&current, &row, &field, sealed));
        let (Some(sealed), Some(anew)) = (sealed, anew) else { return Ok(false) };
        let done = files::replace_chunk(&mut tx, place, &sealed, &anew).await?;
        tx.commit().await?;
        Ok(done)
    }

    /// The keys with which attempts to connect were sealed that may still go on.
    async fn of_attempts(&self, id: ProjectId) -> Result<Vec<KeyId>> {
        let (mut found, mut after) = (Vec::new(), None);
        let ended = self.clock.now() - ATTEMPT_ENDED;
        let mut conn = self.store.read().await?;
        loop {
            let batch =
                oauth_attempts::list_secrets(&mut conn, id, ended, after, BATCH_ROWS).await?;
            let Some((last, _)) = batch.last() else { return Ok(found) };
            after = Some(*last);
            found.extend(batch.iter().filter_map(|(_, sealed)| vault::key_id(sealed).ok()));
            found.sort_unstable();
            found.dedup();
        }
    }
}

/// The same secret under the current key; none where it does not open, for a damaged one needs no
/// key any more.
fn seal_anew(key: &SealingKey, row: &str, field: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    let row: Uuid = row.parse().ok()?;
    match key.open(row, field, sealed) {
        Ok(opened) => Some(key.seal(row, field, opened.expose())),
        Err(_) => {
            tracing::error!(%row, field, "a secret does not open, and is left as it is");
            None
        }
    }
}

/// The master key is missing, or the row was damaged.
fn is_unreadable(error: &Error) -> bool {
    error.kind() == ErrorKind::Internal || error.code() == vault::MISSING
}

fn too_many(id: ProjectId) -> Error {
    let message = format!(
        "Project {id} has as many older data keys as may be: sign-ins that began with them have not \
         ended yet. Try again in ten minutes."
    );
    Error::new(ErrorKind::Conflict, "too_many_data_keys", message)
}
