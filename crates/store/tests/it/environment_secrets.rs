use base::{EnvironmentSecretId, ProjectId};
use store::environment_secrets::{self, EnvironmentSecret};
use store::testing::on_each_engine;

use crate::sample::{Sample, World};

fn secret(sample: &Sample, project_id: ProjectId, key: &str) -> EnvironmentSecret {
    let now = sample.clock.now();
    EnvironmentSecret {
        id: EnvironmentSecretId::new(&sample.clock, &sample.random),
        project_id,
        key: key.to_owned(),
        value: vec![0, 1, 254, 255],
        created_at: now,
        updated_at: now,
    }
}

#[tokio::test]
async fn a_secret_set_again_keeps_its_id_and_has_the_new_value() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let id = world.project.id;
        let mut key = secret(&world.sample, id, "KEY");
        let other = secret(&world.sample, id, "ANOTHER");
        for secret in [&key, &other] {
            environment_secrets::put(&mut tx, secret).await.unwrap();
        }
        key.value = vec![7];
        environment_secrets::put(&mut tx, &key).await.unwrap();
        let found = environment_secrets::find(&mut tx, id, "KEY").await.unwrap();
        assert_eq!(found.as_ref(), Some(&key));
        let listed = environment_secrets::list(&mut tx, id).await.unwrap();
        assert_eq!(listed, [other, key]);
        assert!(environment_secrets::delete(&mut tx, id, "KEY").await.unwrap());
        assert!(!environment_secrets::delete(&mut tx, id, "KEY").await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn another_project_neither_lists_finds_nor_deletes_a_secret() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let key = secret(&world.sample, world.project.id, "KEY");
        environment_secrets::put(&mut tx, &key).await.unwrap();
        let stranger = world.stranger.id;
        assert_eq!(environment_secrets::list(&mut tx, stranger).await.unwrap(), []);
        assert_eq!(environment_secrets::find(&mut tx, stranger, "KEY").await.unwrap(), None);
        assert!(!environment_secrets::delete(&mut tx, stranger, "KEY").await.unwrap());
    })
    .await;
}
