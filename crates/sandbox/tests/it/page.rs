use http::StatusCode;
use sandbox::DEVELOPMENT_CLIENT_ID;

use crate::app::App;

#[tokio::test]
async fn the_first_page_tells_a_newcomer_who_lives_here_and_how_to_call() {
    let app = App::start().await;
    let page = app.get("/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    let token = app.world().directory.person("ann").unwrap().pat("acme").unwrap();
    let base = app.sandbox.http_url().unwrap();
    for part in ["Ann Archer", "globex", DEVELOPMENT_CLIENT_ID, token, &base] {
        assert!(page.body.contains(part), "{part} is missing");
    }
}
