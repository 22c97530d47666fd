//! This process as a node: it says that it is alive, and notices when it said so too late.

use std::sync::{PoisonError, RwLock};

use base::{NodeId, Result};
use store::{Engine, claims};

use super::NODE_LEASE;
use crate::effects::World;

pub(super) struct Node(RwLock<NodeId>);

impl Node {
    pub async fn enter(world: &World) -> Result<Self> {
        let mut tx = world.store.begin().await?;
        if world.store.engine() == Engine::Sqlite {
            claims::recover_all(&mut tx, world.clock.now()).await?;
        }
        let id = add(&mut tx, world).await?;
        tx.commit().await?;
        Ok(Self(RwLock::new(id)))
    }

    pub fn id(&self) -> NodeId {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stays a node, and takes over what nodes had whose lease has passed; answers how many
    /// executions that were. A process that others have forgotten because it was held up for longer
    /// than its lease becomes another node: what it ran is not its own any more.
    pub async fn stay(&self, world: &World) -> Result<u64> {
        let now = world.clock.now();
        let mut tx = world.store.begin().await?;
        let stayed = claims::stay(&mut tx, self.id(), now + NODE_LEASE).await?;
        let recovered = claims::recover(&mut tx, now).await?;
        let newer = if stayed { None } else { Some(add(&mut tx, world).await?) };
        tx.commit().await?;
        if let Some(id) = newer {
            tracing::warn!("this node was held up for longer than its lease; others took over");
            *self.0.write().unwrap_or_else(PoisonError::into_inner) = id;
        }
        Ok(recovered)
    }

    pub async fn leave(&self, world: &World) -> Result<()> {
        let mut tx = world.store.begin().await?;
        claims::leave(&mut tx, self.id(), world.clock.now()).await?;
        tx.commit().await
    }
}

async fn add(tx: &mut store::Transaction, world: &World) -> Result<NodeId> {
    let now = world.clock.now();
    let id = NodeId::new(&world.clock, &world.random);
    claims::enter(tx, id, now, now + NODE_LEASE).await?;
    Ok(id)
}
