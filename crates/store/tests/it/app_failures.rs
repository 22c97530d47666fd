use std::time::Duration;

use store::app_failures::{self, AppFailure};
use store::testing::on_each_engine;

use crate::sample::World;

#[tokio::test]
async fn a_failure_is_news_once_until_its_reason_changes_or_it_is_over() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let failure = |code: &str| AppFailure {
            project_id: world.project.id,
            integration_id: world.integration.id,
            client_id: "app".to_owned(),
            code: code.to_owned(),
            since: world.sample.clock.now(),
        };
        assert!(app_failures::note(&mut tx, &failure("expired")).await.unwrap());
        assert!(!app_failures::note(&mut tx, &failure("expired")).await.unwrap());
        assert!(app_failures::note(&mut tx, &failure("disabled")).await.unwrap());
        let other = AppFailure { client_id: "other".to_owned(), ..failure("expired") };
        assert!(app_failures::note(&mut tx, &other).await.unwrap());

        let (project, integration) = (world.project.id, world.integration.id);
        let (now, clear) = (world.sample.clock.now(), app_failures::clear);
        let before = now - Duration::from_secs(1);
        assert!(!clear(&mut tx, project, integration, "app", before).await.unwrap());
        assert!(!clear(&mut tx, world.stranger.id, integration, "app", now).await.unwrap());
        assert!(clear(&mut tx, project, integration, "app", now).await.unwrap());
        assert!(app_failures::note(&mut tx, &failure("disabled")).await.unwrap());
    })
    .await;
}
