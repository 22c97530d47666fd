//! No secret comes out by a side door, whatever is logged.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use base::Secret;
use connect::{Callback, InstallOptions};
use http::HeaderValue;

use crate::app::{App, call};

/// Everything logged, at the finest level, by every library.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_token_secret_code_or_cookie_is_ever_logged() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    // Where there is one subscriber alone, a line that another test's thread reaches first is taken
    // for one that nobody wants, in every thread.
    let _other = tracing::Dispatch::new(tracing_subscriber::registry());

    let app = App::start().await;
    let popup = app.popup(InstallOptions::default()).await;
    let query = app.signs_in("ann", &popup).await;
    let code = query.code.clone().unwrap();
    let done = app.connect.finish_oauth(query, Some(&popup.cookie)).await;
    let Callback::Connected { handle, .. } = &done else { panic!("{done:?}") };
    app.after(2 * 3_600);
    app.get("/projects").await.unwrap();
    app.after(2 * 3_600);
    app.world().set_entra(|settings| settings.token_error = Some(7_000_222));
    let error = app.get("/projects").await.expect_err("an expired secret");
    let pat = app.world().directory.person("ann").unwrap().pat("globex").map(str::to_owned);
    let pat = pat.unwrap_or_else(|| "wrong-personal-access-token".to_owned());
    let fields = [("organization", "acme".to_owned()), ("token", pat.clone())]
        .map(|(id, value)| (id.to_owned(), Secret::new(value)))
        .into();
    let options =
        InstallOptions { account_type: Some("pat".to_owned()), ..InstallOptions::default() };
    let refused =
        app.connect.connect_with_fields(&app.integration, app.user_id, fields, &options).await;
    let mut spoken = call(http::Method::GET, "/projects", connect::outbound::body::empty());
    spoken.headers.insert("authorization", HeaderValue::from_static("Bearer user-token-canary"));
    let _ = app.call(spoken).await;

    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    let told = format!("{log}{error:?}{refused:?}{:?}", error.meta());
    assert!(log.contains("renewing tokens failed"), "the log is captured");
    for secret in [
        "eyJ",
        sandbox::DEVELOPMENT_CLIENT_SECRET,
        "user-token-canary",
        pat.as_str(),
        handle.as_str(),
        popup.cookie.as_str(),
        code.expose().as_str(),
    ] {
        let place = told.find(secret).map(|at| &told[at.saturating_sub(200)..at + 20]);
        assert_eq!(place, None, "{secret} came out");
    }
}
