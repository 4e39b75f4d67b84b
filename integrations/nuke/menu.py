# A menu for Nuke: exrpipe for selected Reads. Not tried in Nuke itself; see README.md.
import os
import re
import shutil
import subprocess
import threading

import nuke


def program():
    found = os.environ.get('EXRPIPE') or shutil.which('exrpipe')
    if not found:
        raise RuntimeError('exrpipe was not found: put it on the PATH, or name it in EXRPIPE.')
    return found


def run(*words):
    return subprocess.run([program(), *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)


def pattern(path):
    """shot.%04d.exr as exrpipe writes it: shot.####.exr"""
    return re.sub(r'%0?(\d*)d', lambda found: '#' * int(found.group(1) or 1), path)


def selected():
    reads = [node for node in nuke.selectedNodes() if node.Class() == 'Read']
    if not reads:
        nuke.message('Select one or more Read nodes.')
    return reads


def prepare():
    for read in selected():
        source = read['file'].value()
        folder = os.path.join(os.path.dirname(source), 'nuke')
        target = os.path.join(folder, os.path.basename(source)).replace('\\', '/')
        frames = (read['first'].value(), read['last'].value())
        place = (read.xpos() + 120, read.ypos())
        threading.Thread(target=_prepare, args=(source, target, frames, place)).start()


def _prepare(source, target, frames, place):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    ended = run('layout', '--to', 'parts', '--for', 'nuke', 'then', 'rename', '--preset', 'nuke', '--quiet', '-o', pattern(target), pattern(source))
    if ended.returncode != 0:
        nuke.executeInMainThread(nuke.message, args=('exrpipe: ' + ended.stderr.strip(),))
        return
    nuke.executeInMainThread(_read, args=(target, frames, place))


def _read(target, frames, place):
    node = nuke.createNode('Read', inpanel=False)
    node['file'].setValue(target)
    for knob, frame in zip(('first', 'last'), frames):
        node[knob].setValue(frame)
    node.setXYpos(*place)


def validate():
    reports = []
    for read in selected():
        ended = run('validate', '--target', 'nuke', nuke.filename(read, nuke.REPLACE))
        reports.append((ended.stdout or ended.stderr).strip())
    if reports:
        nuke.message('\n\n'.join(reports))


menu = nuke.menu('Nodes').addMenu('exrpipe')
menu.addCommand('Prepare for Nuke', prepare)
menu.addCommand('Validate', validate)
