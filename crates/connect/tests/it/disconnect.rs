use crate::app::App;

#[tokio::test]
async fn disconnecting_deletes_and_says_what_the_provider_cannot_do() {
    let app = App::start().await;
    let id = app.connected("ann").await;
    let done = app.connect.disconnect(app.project_id, id).await.unwrap();
    assert!(!done.revoked_at_provider);
    assert!(done.message.contains("Microsoft"), "{}", done.message);
    assert!(app.credentials().await.is_empty());
    let error = app.try_held().await.expect_err("gone");
    assert_eq!(error.message(), "Integration not enabled for user.");
    let error = app.connect.disconnect(app.project_id, id).await.expect_err("gone");
    assert_eq!(error.code(), "credential_not_found");
}
