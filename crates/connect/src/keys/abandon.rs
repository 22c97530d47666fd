//! Going on without a master key that is lost for good.

use base::{Clock, Error, ErrorKind, ProjectId, Random, Result};
use serde_json::json;
use store::changes::Kind;
use store::{Store, changes, credentials, projects};

use super::{BATCH_PROJECTS, Standing, uses};
use crate::vault::{self, KeyId, MasterKeys, Ring};

/// What was given up with a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Abandoned {
    /// The projects that were sealed with it. Their client secrets and environment secrets must be
    /// entered again.
    pub projects: Vec<ProjectId>,
    /// How many credentials they have, which must be connected again.
    pub credentials: u64,
}

/// Gives every project that only a lost master key could open a new data key, so that accounts can
/// be connected again and client secrets entered again. What was sealed in it opens never more.
///
/// # Errors
/// `key_not_missing` when nothing is lost.
pub async fn abandon(
    store: &Store,
    keys: &MasterKeys,
    clock: &Clock,
    random: &Random,
    id: KeyId,
) -> Result<Abandoned> {
    let mut abandoned = Abandoned::default();
    let mut tx = store.begin().await?;
    changes::hold(&mut tx).await?;
    let keys = keys.reread()?;
    let found = uses(&mut tx, &keys).await?;
    if !found.iter().any(|one| one.id == id && one.standing == Standing::Missing) {
        let message = format!(
            "{id} is not missing, so nothing of it can be given up: see `gangway keys status`."
        );
        return Err(Error::new(ErrorKind::Conflict, "key_not_missing", message));
    }
    let (now, mut after) = (clock.now(), None);
    loop {
        let batch = projects::list_data_keys(&mut tx, after, BATCH_PROJECTS).await?;
        let Some((last, _)) = batch.last() else { break };
        after = Some(*last);
        for (project_id, wrapped) in batch {
            if vault::key_id(&wrapped).ok() != Some(id) {
                continue;
            }
            let anew = keys.wrap(random, project_id, &Ring::generate(random));
            projects::replace_data_key(&mut tx, project_id, &wrapped, &anew).await?;
            let reason = json!({ "code": "master_key_lost", "message": REASON });
            abandoned.credentials +=
                credentials::invalidate_all(&mut tx, project_id, &reason, now).await?;
            changes::note(&mut tx, project_id, Kind::Project, project_id, now).await?;
            abandoned.projects.push(project_id);
        }
    }
    tx.commit().await?;
    Ok(abandoned)
}

const REASON: &str = "The key that protected this account's access is lost. Connect it again.";
