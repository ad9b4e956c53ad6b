#![allow(clippy::unwrap_used)]

use super::*;

fn pieces(items: Vec<String>) -> Vec<String> {
    let text = |piece: Piece| String::from_utf8(piece.unwrap()).unwrap();
    elements(items.into_iter()).map(text).collect()
}

#[test]
fn small_elements_share_a_piece() {
    assert!(pieces(Vec::new()).is_empty());
    assert_eq!(pieces(vec!["a".into()]), [r#""a""#]);
    assert_eq!(pieces(vec!["a".into(), "b\"".into()]), [r#""a","b\"""#]);
}

#[test]
fn large_elements_do_not_and_nothing_is_lost() {
    let long = "x".repeat(PIECE);
    let items = vec!["a".to_owned(), long.clone(), long, "b".to_owned()];
    let pieces = pieces(items.clone());
    assert_eq!(pieces.len(), 3);
    let all: Vec<String> = serde_json::from_str(&format!("[{}]", pieces.concat())).unwrap();
    assert_eq!(all, items);
}

#[tokio::test]
async fn an_array_is_an_answer_of_json() {
    for items in [vec![], vec![1], vec![1, 2, 3]] {
        let response = array(items.clone());
        assert_eq!(response.headers()["content-type"], "application/json");
        let body = axum::body::to_bytes(response.into_body(), 1_000).await.unwrap();
        assert_eq!(serde_json::from_slice::<Vec<i32>>(&body).unwrap(), items);
    }
}
