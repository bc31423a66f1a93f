package text

import "testing"

func TestTimes(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"at 9:00, 09:00 and 12:00", "at nine o'clock, nine o'clock and twelve o'clock"},
		{"at 15:00 or 20:00 hours", "at fifteen hundred or twenty hundred hours"},
		{"13:00-14:00, 20:05, 8:00 pm", "thirteen hundred to fourteen hundred, twenty oh five, eight PM"},
		{"0:00, 00:00 and 24:00", "midnight, midnight and midnight"},
	} {
		if got := Normalize(c.in); got != c.want {
			t.Errorf("%q\n got  %s\n want %s", c.in, got, c.want)
		}
	}
}

func TestDurations(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Set a timer for 1h 30m.", "Set a timer for one hour thirty minutes."},
		{"2h5m10s, 1h30m", "two hours five minutes ten seconds, one hour thirty minutes"},
		{"1m 30s; 1 h 30 min; 1d 2h", "one minute thirty seconds; one hour thirty minutes; one day two hours"},
		{"Wait 90 min please, 5 min, 1 min", "Wait ninety minutes please, five minutes, one minute"},
		{"Wait 5 min. Then 10 sec.", "Wait five minutes. Then ten seconds."},
		// no durations
		{"30m, 5m 20cm, 2h", "thirty meters, five meters twenty centimeters, two hours"},
		{"max 5, min 3", "max five, min three"},
		{"30m 2h", "thirty meters two hours"},
		{"in his 30s", "in his thirties"},
	} {
		if got := Normalize(c.in); got != c.want {
			t.Errorf("%q\n got  %s\n want %s", c.in, got, c.want)
		}
	}
}
