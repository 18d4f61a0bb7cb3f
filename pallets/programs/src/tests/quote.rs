use super::*;
use samples::{FUEL, LANES};

#[test]
fn quote_follows_from_the_parameters() {
	run(|| {
		let program = registered();
		let quote = <Programs as mutirao_traits::Programs>::quote(&program, &[10]).unwrap();
		assert_eq!(quote.declared_steps, u64::from(FUEL) * 10);
		assert_eq!(quote.workgroup_steps, u64::from(FUEL));
		let bytes = u64::from(LANES) * 10 * 4;
		assert_eq!(quote.input_bytes.to_vec(), [bytes]);
		assert_eq!(quote.output_bytes.to_vec(), [bytes]);
		assert_eq!(quote.total_bytes, 2 * bytes);
	});
}

#[test]
fn quote_for_parameters_that_do_not_fit_fails() {
	run(|| {
		let program = registered();
		for parameters in [&[][..], &[0], &[1_001], &[1, 1]] {
			assert_noop!(
				<Programs as mutirao_traits::Programs>::quote(&program, parameters),
				Error::<Test>::ParametersDoNotFit
			);
		}
		assert_noop!(
			<Programs as mutirao_traits::Programs>::quote(&[7; 32], &[1]),
			Error::<Test>::NoSuchProgram
		);
	});
}
