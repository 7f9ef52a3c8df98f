"""Trainings that are started over HTTP, each in a process of its own.

============= ==================================================================
offer         what may be trained, and how long; a request as a command
events        what is told about a job: numbered, replayed, followed
child         the process ``convatlas train --progress jsonl``
job           a training, as far as it is known
jobs          all of them by id, one at work at a time
routes        ``/v1/train``
============= ==================================================================
"""
