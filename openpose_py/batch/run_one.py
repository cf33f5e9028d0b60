"""The unit of work: one input, whole or not at all. It knows nothing of processes and queues."""

import dataclasses
import shutil
import time
from contextlib import closing
from pathlib import Path

from openpose_py.batch.addresses import is_remote
from openpose_py.batch.done_record import Record, Work, difference, read_record, write_record
from openpose_py.batch.fetched import fetched
from openpose_py.batch.job import Cut, Done, Job, Watch
from openpose_py.batch.join import joined
from openpose_py.batch.kit import Kit
from openpose_py.batch.spans import CannotCut, VideoSpan, cut, may_be_cut, spans_folder
from openpose_py.batch.whole_folder import whole_folder
from openpose_py.batch.whole_upload import whole_upload
from openpose_py.checks import check
from openpose_py.errors import InputError, OutputError
from openpose_py.flag_values import frames_wanted
from openpose_py.inputs import open_input
from openpose_py.outputs import open_outputs
from openpose_py.settings import Settings
from openpose_py.stages.frames.source import Source
from openpose_py.stages.writers.whole_file import cannot_write


def run_one(job: Job, kit: Kit, watch: Watch = lambda frames: None) -> Done | Cut:
    """Does one job: afterwards its target is there, with its record.

    A long video is not done but cut: its spans are to be done first, as jobs of their own, and
    then it again with `spans`. Where they do not fit together it is to be done again as `whole`.
    """
    work = kit.work(job)
    found = read_record(job.target)
    if found:
        why = difference(found.work, work)
        if not why:
            return dataclasses.replace(found.done, before=True)
        if why == "another input":
            raise OutputError(f"holds the results of {found.work.input}", where=job.target,
                              hint="--output 'DIR/{parent}/{stem}' keeps them apart")  # fmt: skip
    if kit.span and not (job.span or job.spans or job.whole) and may_be_cut(job, kit.base):
        spans = cut(job, kit.base, kit.span)
        if len(spans) > 1:
            return Cut(spans)
    try:
        return _whole(job, kit, work, watch)
    except CannotCut:
        return Cut(())


def _whole(job: Job, kit: Kit, work: Work, watch: Watch) -> Done:
    start = time.monotonic()
    remote = is_remote(job.target)
    with whole_upload(job.target) if remote else whole_folder(Path(job.target)) as folder:
        done = joined(job, kit, folder) if job.spans else _run(job, kit, folder, watch)
        seconds = time.monotonic() - start + done.seconds
        done = Done(done.frames, done.people, round(seconds, 3), done.notes)
        try:
            write_record(folder, Record(work, done, kit.version))
        except OSError as problem:
            raise cannot_write(Path(job.target), problem) from problem
    if not (job.span or remote):
        shutil.rmtree(spans_folder(job), ignore_errors=True)
    return done


def _run(job: Job, kit: Kit, folder: Path, watch: Watch) -> Done:
    settings = kit.settings(job, folder)
    if not is_remote(job.path):
        return _run_here(job, kit, settings, watch)
    with fetched(job.path) as path:
        video, image_dir = ("", path) if job.is_folder else (path, "")
        settings = dataclasses.replace(settings, video=video, image_dir=image_dir)
        done = _run_here(job, kit, settings, watch)
        notes = tuple(note.replace(path, job.path) for note in done.notes)
        return dataclasses.replace(done, notes=notes)


def _run_here(job: Job, kit: Kit, settings: Settings, watch: Watch) -> Done:
    check(settings)
    source: Source = (
        VideoSpan(Path(job.path), frames_wanted(settings), job.span)
        if job.span
        else open_input(settings)
    )
    frames, people = _written(job, kit, settings, source, watch)
    if source.unreadable and not frames:
        raise InputError("; ".join(source.unreadable), where=job.path)
    return Done(frames, people, 0.0, tuple(source.unreadable))


def _written(
    job: Job, kit: Kit, settings: Settings, source: Source, watch: Watch
) -> tuple[int, int]:
    """Frames and people of the source, all written and closed."""
    frames = people = 0
    try:
        estimator = kit.estimator(job)
        outputs = open_outputs(settings, source.fps, estimator.card)
        with closing(outputs), closing(estimator.run(source)) as results:
            for result in results:
                outputs.write(result)
                frames += 1
                people += len(result.people)
                watch(frames)
    finally:
        source.close()
    return frames, people
