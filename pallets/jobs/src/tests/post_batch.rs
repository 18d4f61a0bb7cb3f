use super::*;

fn post_batch(requests: Vec<RequestOf<Test>>) -> Result<Pays, DispatchError> {
	send(BIA, Call::post_batch { requests: requests.try_into().unwrap() })
}

#[test]
fn post_batch_posts_all_works() {
	run(|| {
		assert_eq!(post_batch(vec![request(); MAX_BATCH as usize]), Ok(Pays::Yes));
		let jobs = u64::from(MAX_BATCH);
		assert_eq!(NextJob::<Test>::get(), jobs);
		assert_eq!(Live::<Test>::iter_keys().count() as u64, jobs);
		assert_eq!(held(BIA), (jobs * (CAP + AUDIT_FEE), jobs * RENT));
		assert_eq!(Uses::get(), MAX_BATCH);
		assert_ok!(post_batch(vec![]));
		assert_eq!(NextJob::<Test>::get(), jobs);
	});
}

#[test]
fn post_batch_with_one_that_cannot_be_posted_posts_none_and_fails() {
	run(|| {
		for place in 0..3 {
			let mut requests = vec![request(); 3];
			requests[place].samples = 0;
			assert_noop!(post_batch(requests), Error::<Test>::SamplesOutOfRange);
		}
		// The first takes all of the money.
		let dear = RequestOf::<Test> { price_cap: MONEY - ED - AUDIT_FEE - RENT, ..request() };
		assert!(post_batch(vec![dear.clone(), request()]).is_err());
		assert_eq!((free(BIA), NextJob::<Test>::get()), (MONEY, 0));
		assert_ok!(post_batch(vec![dear]));
	});
}
