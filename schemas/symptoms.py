"""Which status and reason every symptom of a device has: the one table for all adapters.

What a device says itself as an OPC UA StatusCode is passed on as it is, reason SOURCE. Everything else that an adapter
or a stage makes of a symptom is a row here; a test finds every such pair in the code, and SYMPTOMS.md is made of it.
"""

from collections.abc import Mapping

from schemas.status import Reason, StatusCode, severity, status_name

SYMPTOMS: Mapping[tuple[StatusCode, Reason], str] = {
    (StatusCode.GOOD, Reason.NONE): "value, time, source and unit were checked this time",
    (StatusCode.UNCERTAIN_LAST_USABLE_VALUE, Reason.STALE): "a value that has to move stands still (F-A1)",
    (StatusCode.UNCERTAIN, Reason.TIME): "the device's time is ahead, goes back or cannot be (F-A5, F05)",
    (StatusCode.UNCERTAIN, Reason.IDENTITY): "another device than the one that is meant (F-A4, F49)",
    (StatusCode.UNCERTAIN, Reason.UNPROVEN): "word order not proven, or a line that needs a second one (F25, F44)",
    (StatusCode.UNCERTAIN, Reason.SOURCE): "a counter began anew or jumped (F28)",
    (StatusCode.UNCERTAIN_SENSOR_CALIBRATION, Reason.CALIBRATION): "calibration overdue (F-A9)",
    (StatusCode.UNCERTAIN_SUB_NORMAL, Reason.UNSTABLE): "the value moves, by the device's own word (F40)",
    (StatusCode.BAD_OUT_OF_RANGE, Reason.NOT_A_NUMBER): "NaN or infinite (F-A2)",
    (StatusCode.BAD_OUT_OF_RANGE, Reason.RANGE): "outside the instrument's range, or too large to be exact (F-A2, F07)",
    (StatusCode.BAD_OUT_OF_RANGE, Reason.OVERLOAD): "more than the balance or sensor can measure (F41)",
    (StatusCode.BAD_OUT_OF_RANGE, Reason.UNDERLOAD): "less than the balance or sensor can measure (F41)",
    (StatusCode.BAD_OUT_OF_RANGE, Reason.TYPE): "a coded number that is no number of its code",
    (StatusCode.BAD_NO_DATA, Reason.NO_VALUE): "the device's own mark for no value (F27)",
    (StatusCode.BAD_WAITING_FOR_INITIAL_DATA, Reason.NO_VALUE): "nothing has come yet",
    (StatusCode.BAD_NO_DATA, Reason.DEVICE): "the device cannot measure now: busy, calibrating, warming up (F20, F42)",
    (StatusCode.BAD_NO_DATA, Reason.COMM): "not read",
    (StatusCode.BAD_DEVICE_FAILURE, Reason.DEVICE): "a fault of the device by its own word (F29, F42)",
    (StatusCode.BAD_SENSOR_FAILURE, Reason.DEVICE): "a fault of its sensor by its own word (F29)",
    (StatusCode.BAD_CONFIGURATION_ERROR, Reason.UNIT): "another unit than configured (F-A3)",
    (
        StatusCode.BAD_CONFIGURATION_ERROR,
        Reason.CONFIG,
    ): "no such register, node or command; or not set up for it (F12)",
    (StatusCode.BAD_CONFIGURATION_ERROR, Reason.UNPROVEN): "the word order is proven to be another (F25)",
    (StatusCode.BAD_NOT_SUPPORTED, Reason.CONFIG): "the device does not know the command (F42)",
    (StatusCode.BAD_TYPE_MISMATCH, Reason.TYPE): "not the tag's type, or no measured value at all (F06)",
    (StatusCode.BAD_DECODING_ERROR, Reason.TYPE): "text that is no text",
    (StatusCode.BAD_DECODING_ERROR, Reason.COMM): "a line that is none of the dialect or pattern (F43, F46)",
    (StatusCode.BAD_COMMUNICATION_ERROR, Reason.COMM): "a damaged answer, or one of something else (F23, F24, F45)",
    (StatusCode.BAD_TIMEOUT, Reason.COMM): "no answer in time (F32, F50)",
    (StatusCode.BAD_NO_COMMUNICATION, Reason.COMM): "the whole device is lost",
}


def symptom_table() -> str:
    """The table as Markdown."""
    rows = sorted(SYMPTOMS.items(), key=lambda item: (item[0][0] >> 30, item[0][1].name, item[0][0]))
    lines = [
        f"| {what} | {severity(status)} | {status_name(status)} | {reason.name} |" for (status, reason), what in rows
    ]
    head = ["# What every symptom is called", "", "| symptom | severity | StatusCode | reason |", "|---|---|---|---|"]
    return "\n".join([*head, *lines])
