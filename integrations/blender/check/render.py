# SPDX-License-Identifier: GPL-3.0-or-later
"""render.py CASE FOLDER ZIP: installs the extension and renders a case into the folder, in bpy or Blender."""
import glob
import json
import os
import signal
import sys
import time

import bpy

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import others  # noqa: E402
import panel as P  # noqa: E402
import scene as S  # noqa: E402

WORDS = sys.argv[sys.argv.index('--') + 1:] if '--' in sys.argv else sys.argv[1:]


def install(archive):
    """From a zip as people do; before 4.2, as an add-on from the folder itself."""
    if bpy.app.version >= (4, 2, 0):
        bpy.ops.extensions.package_install_files(filepath=archive, repo='user_default', enable_on_install=True)
        name = 'bl_ext.user_default.exr_names'
    else:
        import addon_utils
        sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        addon_utils.enable('exr_names', default_set=True)
        name = 'exr_names'
    if name not in bpy.context.preferences.addons:
        raise SystemExit(f'{name} is not enabled')
    return sys.modules[name + '.handlers']


def shot(folder, engine='CYCLES', end=3):
    library = os.path.join(folder, 'library.blend')
    S.make_library(library)
    scene = S.make_shot(folder, library, engine)
    scene.frame_start, scene.frame_end = 1, end
    tree = S.compositor(scene)
    items = [item for layer in S.LAYERS for item in S.layer_items(tree, S.render_layers(tree, scene, layer), layer)]
    S.file_output(tree, folder, 'lost.', items)
    scene.exr_names.enabled = True
    # The open file's name is in the metadata.
    bpy.ops.wm.save_as_mainfile(filepath=os.path.join(folder, 'shot.blend'))
    return bpy.context.scene


def animation(folder, handlers):
    """Three view layers and all that can hide a name, with motion blur and data that persists."""
    scene = shot(folder)
    scene.render.use_motion_blur = scene.render.use_persistent_data = True
    scene.exr_names.split = True
    scene.exr_names.target = 'blender'
    bpy.ops.render.render(animation=True)


def eevee(folder, handlers):
    scene = shot(folder, 'BLENDER_EEVEE', 1)
    if bpy.app.version < (4, 2, 0):
        S.paint_all()
    bpy.ops.render.render(animation=True)
    return scene


def eevee_small(folder, handlers):
    """What EEVEE does differently, in few pixels and shaders: without a graphics card it takes minutes for the whole scene."""
    scene = S.new_file()
    S.settings(scene, 'BLENDER_EEVEE', folder, (32, 18), 1)
    layer = scene.view_layers[0]
    layer.name = 'Chars'
    S.cryptomatte(layer)
    S.cube('no material', scene.collection, (-3, 0, 1.5), size=3)
    # Longer than the 62 bytes that EEVEE hashes.
    S.cube(('L' * 300)[:S.LONGEST], scene.collection, (3, 0, 1.5), S.material('Skin'), 3)
    if bpy.app.version < (4, 2, 0):
        S.paint_all()
    S.camera(scene)
    tree = S.compositor(scene)
    S.file_output(tree, folder, 'lost.', S.layer_items(tree, S.render_layers(tree, scene, 'Chars'), 'Chars'))
    scene.frame_end = 1
    scene.exr_names.enabled = True
    bpy.ops.render.render(animation=True)


def frames(folder, handlers):
    """Single frames, as -f renders them, panel included, and one of them again."""
    scene = shot(folder)
    scene.exr_names.panel = True
    for frame in (1, 2, 2):
        scene.frame_set(frame)
        scene.render.filepath = os.path.join(folder, f'panel.{frame:04}')
        bpy.ops.render.render(write_still=True)


# exrpipe that begins once a file is there.
SLOW = """
const { existsSync } = require('node:fs');
const { spawnSync } = require('node:child_process');
const words = [process.env.EXRPIPE, ...process.argv.slice(2)];
const begin = () => {
  if (existsSync(__filename + '.go')) process.exit(spawnSync(process.execPath, words, { stdio: 'inherit' }).status);
  else setTimeout(begin, 50);
};
begin();
"""


def again(folder, handlers):
    """A frame that is rendered again, with other names, while its first job is under way, and once more while the second waits."""
    shot(folder, end=1)
    slow = os.path.join(folder, 'slow.js')
    with open(slow, 'w') as file:
        file.write(SLOW)
    handlers.settings.preferences().program = slow
    handlers.queue.wait, wait = (lambda *_: None), handlers.queue.wait
    renamed = bpy.data.objects['plain']
    for name in ('plain', 'plain 2', 'plain 3'):
        renamed.name = name
        bpy.ops.render.render(animation=True)
    open(slow + '.go', 'w').close()
    handlers.queue.wait = wait
    wait()


def scenes(folder, handlers):
    """The compositor of one scene brings in another one."""
    scene = shot(folder, end=1)
    other = bpy.data.scenes.new('other scene')
    S.settings(other, 'CYCLES', folder)
    S.cryptomatte(other.view_layers[0])
    other.view_layers[0].name = 'Extra'
    S.cube('only over there', other.collection, (0, 0, 1.5), S.material('other paint'), 4)
    S.camera(other)
    tree = S.compositor(scene)
    items = []
    for own, layer in ((scene, 'Chars'), (other, 'Extra')):
        items += S.layer_items(tree, S.render_layers(tree, own, layer), layer)
    S.file_output(tree, folder, 'lost.', items)
    bpy.ops.render.render(animation=True)


def missing(folder, handlers):
    """Without exrpipe frames stay as they are."""
    shot(folder, end=1)
    bpy.ops.render.render(animation=True)


def kept(folder, handlers):
    """Overwrite switched off: the first frame is there and stays; the others are rendered."""
    scene = shot(folder)
    scene.frame_end = 1
    scene.exr_names.enabled = False
    bpy.ops.render.render(animation=True)
    scene.frame_end = 2
    scene.exr_names.enabled = True
    scene.render.use_overwrite = False
    bpy.ops.render.render(animation=True)


def child(folder, archive, *words):
    """What others.start starts. The program renders by itself, what its words say, when this script is done."""
    install(archive)
    if others.PROGRAM:
        return
    bpy.ops.wm.open_mainfile(filepath=os.path.join(folder, 'shot.blend'))
    scene = bpy.context.scene
    if words[0] == '-f':
        first, last = map(int, words[1].split('..'))
        for frame in range(first, last + 1):
            scene.frame_start = scene.frame_end = frame
            bpy.ops.render.render(animation=True)
    else:
        bpy.ops.render.render(animation=True)


def processes(folder, handlers, archive):
    """Two processes at once, half of the frames each."""
    shot(folder, end=10)
    both = {name: others.start(__file__, folder, archive, name, ['-f', name]) for name in ('1..5', '6..10')}
    for name, process in both.items():
        others.finish(folder, handlers, name, process)


def ended_by(name, folder, handlers, archive):
    """An animation of many frames that a signal ends as soon as the first is complete."""
    shot(folder, end=10)
    process = others.start(__file__, folder, archive, name, ['-a'])
    others.wait_until(lambda: any('names for' in line for line in others.said_by(folder, name)))
    os.killpg(process.pid, signal.Signals[name])
    others.finish(folder, handlers, name, process)
    print(f'ended by\t{name}\t{process.returncode}')


def interrupted(*words):
    """As by Ctrl-C in a terminal."""
    ended_by('SIGINT', *words)


def killed(*words):
    ended_by('SIGKILL', *words)


def disk(folder, handlers):
    """Frames that were rendered without the extension get the names of the open file."""
    scene = shot(folder, end=1)
    scene.exr_names.enabled = False
    bpy.ops.render.render(animation=True)
    bpy.ops.exr_names.frames(directory=folder, files=[{'name': 'lost.0001.exr'}])


def panel(folder, handlers):
    """The panel without results, with some of each kind, and without exrpipe."""
    package = handlers.__name__.rpartition('.')[0]
    own = sys.modules[package + '.panel']
    for line in P.drawn(own):
        print('panel', *line, sep='\t')
    for level in ('INFO', 'WARNING', 'ERROR'):
        handlers.log.add(handlers.Result(level, '/renders/beauty.0001.exr', f'{level} and more'))
    handlers.settings.preferences().program = '/nowhere/exrpipe'
    for line in P.drawn(own):
        print('then', *line, sep='\t')
    handlers.log.clear()


def repository(folder, handlers, archive):
    """Installed from a studio's repository, as its users do, instead of from the zip."""
    bpy.ops.preferences.addon_disable(module=handlers.__name__.rpartition('.')[0])
    address = 'file://' + os.path.join(os.path.dirname(archive), 'index.json')
    bpy.context.preferences.system.use_online_access = True
    repos = bpy.context.preferences.extensions.repos
    repos.new(name='studio', module='studio', remote_url=address)
    index = len(repos) - 1
    bpy.ops.extensions.repo_sync(repo_index=index)
    bpy.ops.extensions.package_install(repo_index=index, pkg_id='exr_names', enable_on_install=True)
    print('repository', 'bl_ext.studio.exr_names' in bpy.context.preferences.addons, sep='\t')


def speed(folder, handlers):
    """How long the names of ten thousand objects take in each view layer, the best of five, for people: nothing is judged."""
    scene = shot(folder, end=1)
    mesh = bpy.data.objects['plain'].data
    for number in range(10_000):
        scene.collection.objects.link(bpy.data.objects.new(f'many {number}', mesh))
    own, times = handlers.names.of_depsgraph, []

    def timed(*words):
        took = []
        for _ in range(5):
            start = time.perf_counter()
            found = own(*words)
            took.append(time.perf_counter() - start)
        times.append(min(took))
        return found
    handlers.names.of_depsgraph = timed
    bpy.ops.render.render(animation=True)
    handlers.names.of_depsgraph = own
    print('names', ', '.join(f'{1000 * seconds:.0f} ms' for seconds in times), sep='\t')


PATHS = {
    # name: stem of the node, and what is special
    'plain': 'beauty', 'dot': 'beauty.', 'hash': 'b_######_x', 'two runs': 'b_##_v###', 'one': 'v#1', 'extension': 'name.exr',
    'other extension': 'name.png', 'empty': '', 'images': 'im_', 'images below': 'sub/im_', 'muted': 'muted', 'unlinked': 'unlinked',
    'group': 'in group', 'stereo': 'st', 'stereo images': 'st_', 'stereo dot': 'st.', 'stereo dots': 'a.b',
    'template': '{blend_name}_{fps}_t', 'no compositing': 'nothing',
    'no extension': 'bare', 'negative': 'neg', 'letters': 'schön 木', 'braces': 'a{{b}}c',
}


def one_path(case, stem, still, folder, handlers):
    """Gives the files of a node that are there, and those that the extension has found."""
    scene = S.new_file()
    S.settings(scene, 'CYCLES', folder, (16, 9), 1)
    S.camera(scene)
    scene.render.use_multiview = case.startswith('stereo')
    scene.render.use_file_extension = case != 'no extension'
    scene.render.use_compositing = case != 'no compositing'
    scene.frame_start, scene.frame_end, scene.frame_step = (-4, -1, 3) if case == 'negative' else (8, 11, 3)
    scene.exr_names.enabled = True
    tree = S.compositor(scene)
    node = S.render_layers(tree, scene, scene.view_layers[0].name)
    image = None if case == 'unlinked' else node.outputs['Image']
    if case == 'group':
        inner = bpy.data.node_groups.new('Group', 'CompositorNodeTree')
        if hasattr(inner, 'interface'):
            inner.interface.new_socket('Image', in_out='INPUT', socket_type='NodeSocketColor')
        else:
            inner.inputs.new('NodeSocketColor', 'Image')
        entry = inner.nodes.new('NodeGroupInput')
        S.file_output(inner, folder, stem, [('A', entry.outputs[0])])
        group = tree.nodes.new('CompositorNodeGroup')
        group.node_tree = inner
        tree.links.new(image, group.inputs[0])
    else:
        S.file_output(tree, folder, stem, [('x.', image), ('y_##', image)], 'images' not in case).mute = case == 'muted'
    found = []
    own, handlers.queue.put = handlers.queue.put, lambda path, job: found.append(path)
    try:
        if still:
            scene.frame_set(-3 if case == 'negative' else 7)
            bpy.ops.render.render()
        else:
            scene.render.filepath = os.path.join(os.path.dirname(folder), 'panel of ' + os.path.basename(folder))
            bpy.ops.render.render(animation=True)
    finally:
        handlers.queue.put = own
    there = [path for path in glob.glob(os.path.join(glob.escape(folder), '**'), recursive=True) if os.path.isfile(path)]
    return [sorted(os.path.relpath(path, folder) for path in paths) for paths in (there, found)]


def paths(folder, handlers):
    """Which files a node has written, in stills and animations: what is found is what is there. exrpipe is never started."""
    handlers.State.command = None
    handlers.command = lambda: ['nothing']
    for still in (True, False):
        for case, stem in PATHS.items():
            own = os.path.join(folder, f'{"still" if still else "animation"} {case}')
            os.makedirs(own)
            there, found = one_path(case, stem, still, own, handlers)
            same = there == found
            print(f'path\t{"right" if same else "WRONG"}\t{os.path.basename(own)}\t{there}' + ('' if same else f'\t{found}'), flush=True)


def main(case, folder, archive, *words):
    if case == 'child':
        child(folder, archive, *words)
        return
    handlers = install(archive)
    more = [archive] if case in ('processes', 'interrupted', 'killed', 'repository') else []
    globals()[case](folder, handlers, *more)
    with open(os.path.join(folder, 'results.json'), 'w') as file:
        json.dump([one._asdict() for one in handlers.log.last()], file)
    # What bpy does when it ends takes seconds, and is not what is tried here.
    sys.stdout.flush()
    os._exit(0)


if __name__ == '__main__':
    main(*WORDS)
